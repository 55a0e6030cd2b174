package admin

import (
	"testing"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
)

// TestEveryRPCHasARole: who adds one says whom it is for.
func TestEveryRPCHasARole(t *testing.T) {
	methods := pb.File_taskscheduler_admin_v1_admin_proto.Services().ByName("AdminService").Methods()
	for i := range methods.Len() {
		name := string(methods.Get(i).Name())
		if role, ok := roles[name]; !ok || role == adminport.Nobody {
			t.Errorf("the rpc %s has no row in the table roles: say which role it is for", name)
		}
	}
	if len(roles) != methods.Len() {
		t.Errorf("the table has %d rows for %d rpcs", len(roles), methods.Len())
	}
}

func TestPathsHaveRoles(t *testing.T) {
	for path, want := range map[string]adminport.Role{
		"/": adminport.Nobody, "/runs/1": adminport.Nobody, "/healthz": adminport.Nobody, "/readyz": adminport.Nobody,
		"/metrics": adminport.Viewer, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": adminport.Viewer,
		"/" + Name + "/ListTasks": adminport.Viewer, "/" + Name + "/Drain": adminport.Operator,
		"/" + Name + "/SetLogLevel": adminport.Admin, "/" + Name + "/Unheard": adminport.Admin, "/" + Name + "/": adminport.Admin,
		"//": adminport.Viewer, "/healthz/": adminport.Viewer,
	} {
		if got := RoleFor(path); got != want {
			t.Errorf("%s is for %s, want %s", path, got, want)
		}
	}
}
