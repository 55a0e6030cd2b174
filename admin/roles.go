package admin

import (
	"strings"

	"github.com/taskscheduler/taskscheduler/admin/console"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
)

// roles says which role each rpc is for. One that isn't here is for nobody but
// admins.
var roles = map[string]adminport.Role{
	"GetExecution":    adminport.Viewer,
	"GetDeadLetter":   adminport.Viewer,
	"GetPlugin":       adminport.Viewer,
	"GetStatus":       adminport.Viewer,
	"GetTask":         adminport.Viewer,
	"ListDeadLetters": adminport.Viewer,
	"ListExecutions":  adminport.Viewer,
	"ListNodes":       adminport.Viewer,
	"ListPlugins":     adminport.Viewer,
	"ListQueue":       adminport.Viewer,
	"ListTasks":       adminport.Viewer,
	"WatchEvents":     adminport.Viewer,
	"WatchExecution":  adminport.Viewer,
	"WatchStats":      adminport.Viewer,
	"WhoAmI":          adminport.Viewer,

	"CancelExecution":   adminport.Operator,
	"CancelExecutions":  adminport.Operator,
	"Drain":             adminport.Operator,
	"DropDeadLetters":   adminport.Operator,
	"ListAudit":         adminport.Operator,
	"LoadPlugin":        adminport.Operator,
	"ReloadPlugin":      adminport.Operator,
	"Resume":            adminport.Operator,
	"RetryDeadLetters":  adminport.Operator,
	"RunTask":           adminport.Operator,
	"UndropDeadLetters": adminport.Operator,
	"UnloadPlugin":      adminport.Operator,

	"RemoveNode":   adminport.Admin,
	"RevertPlugin": adminport.Admin,
	"SetLogLevel":  adminport.Admin,
	"UploadPlugin": adminport.Admin,
}

// RoleFor returns the role that a path of the admin port is for: of the page and of
// the health checks it is everybody, of an rpc what the table says, and of the rest
// a viewer.
func RoleFor(path string) adminport.Role {
	rpc, isRPC := strings.CutPrefix(path, "/"+Name+"/")
	switch {
	case isRPC:
		if role, ok := roles[rpc]; ok {
			return role
		}
		return adminport.Admin
	case path == "/healthz", path == "/readyz", console.Serves(path):
		return adminport.Nobody
	default:
		return adminport.Viewer
	}
}
