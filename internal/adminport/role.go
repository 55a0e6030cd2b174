package adminport

import "fmt"

// A Role says what a caller may do. Each may do what those before it may.
type Role uint8

// The roles.
const (
	// Nobody has shown nothing.
	Nobody Role = iota
	// Viewer sees the server.
	Viewer
	// Operator steers what it does.
	Operator
	// Admin changes what it is.
	Admin
)

// roleNames are the roles' names, in files and messages.
var roleNames = [...]string{Nobody: "nobody", Viewer: "viewer", Operator: "operator", Admin: "admin"}

// String returns a role's name.
func (r Role) String() string { return roleNames[min(int(r), len(roleNames)-1)] }

// ParseRole returns the role of that name.
func ParseRole(name string) (Role, error) {
	for r := Viewer; r <= Admin; r++ {
		if r.String() == name {
			return r, nil
		}
	}
	return Nobody, fmt.Errorf("%.20q is no role: choose viewer, operator or admin", name)
}
