package deptest

import "strings"

// A room is a folder of the module, with what is below it unless that is a
// room of its own.
type room struct {
	path string
	// imports are the rooms that it may import, apart from itself.
	imports []string
	// outside are the modules, or folders of modules, that it may import.
	outside []string
}

// rooms says who may import what; what is not here is refused. Imports go down
// only: a room's imports stand above it. Tests, and the packages
// internal/…test that help them, may import what they like.
var rooms = []room{
	{path: "gen", outside: list("connectrpc.com/connect google.golang.org/protobuf")},
	{path: "task"}, // the standard library alone
	{path: "abi"},
	{path: "abi/taskplugin", outside: list("C")}, // and cgo: plugins are made with it, and copies of it
	{path: "internal/setting"},
	{path: "internal/pages", outside: list("golang.org/x/sys")},
	{path: "internal/budget", outside: list("github.com/KimMachineGun/automemlimit")},
	{path: "internal/jsontext"},
	{
		path:    "internal/wire",
		imports: list("task internal/jsontext"),
		outside: list("google.golang.org/protobuf/encoding google.golang.org/protobuf/proto"),
	},
	{path: "internal/signature", imports: list("task")},
	{path: "builtin", imports: list("task")},
	{path: "internal/elastic"},
	{path: "internal/clip"},
	{path: "internal/shape", imports: list("task internal/jsontext")},
	{path: "internal/store", imports: list("task")},
	{path: "internal/store/memory", imports: list("task internal/elastic internal/store")},
	{path: "internal/store/cached", imports: list("internal/store"), outside: list("github.com/maypok86/otter/v2")},
	{path: "internal/datadir", outside: list("golang.org/x/sys")},
	{path: "internal/tagged"},
	{path: "internal/queue", imports: list("internal/elastic internal/tagged")},
	{path: "internal/pause"},
	{path: "internal/store/nats/cell", imports: list("internal/pause"), outside: list("github.com/nats-io/nats.go")},
	{path: "internal/store/nats/members", imports: list("internal/pause internal/store/nats/cell"), outside: list("github.com/nats-io/nats.go github.com/nats-io/nuid")},
	{path: "internal/store/nats/route"},
	{
		path:    "internal/store/nats",
		imports: list("task internal/pause internal/queue internal/store internal/store/nats/cell internal/store/nats/members internal/tagged"),
		outside: list("github.com/nats-io/nats-server/v2 github.com/nats-io/nats.go github.com/nats-io/nuid github.com/minio/highwayhash"),
	},
	{path: "internal/cluster/tunnel", imports: list("task internal/tagged"), outside: list("github.com/nats-io/nats.go")},
	{path: "internal/throttle"},
	{path: "internal/pace"},
	{path: "internal/lifetime"},
	{path: "internal/journal", imports: list("task internal/clip internal/store")},
	{path: "internal/timetable"},
	{path: "internal/scheduler", imports: list("task internal/clip internal/elastic internal/shape internal/queue internal/store internal/journal internal/lifetime internal/pace internal/throttle internal/timetable"), outside: list("github.com/google/uuid")},
	{
		path:    "internal/cluster",
		imports: list("task internal/tagged internal/cluster/tunnel internal/queue internal/scheduler internal/store internal/store/nats/members"),
		outside: list("github.com/nats-io/nats.go"),
	},
	{path: "internal/reload"},
	{path: "internal/listen"},
	{path: "internal/audit", imports: list("internal/clip")},
	{path: "internal/adminport", imports: list("internal/listen internal/reload"), outside: list("connectrpc.com/connect")},
	{path: "internal/http2", imports: list("internal/lifetime"), outside: list("golang.org/x/net/http2 golang.org/x/net/http")},
	{path: "internal/rpc", imports: list("task"), outside: list("connectrpc.com/connect")},
	{path: "internal/deadletter", imports: list("task internal/scheduler")},
	{path: "internal/stats", imports: list("task internal/clip internal/journal internal/scheduler")},
	{path: "internal/stats/curves", imports: list("internal/stats")},

	{path: "internal/coalesce"},

	{path: "loader/internal/library", imports: list("task")},
	{path: "loader/internal/library/format"},
	{path: "loader/internal/library/abi", imports: list("task internal/signature loader/internal/library")},
	{
		path:    "loader/internal/library/native",
		imports: list("task loader/internal/library loader/internal/library/abi loader/internal/library/format"),
		outside: list("github.com/ebitengine/purego golang.org/x/sys"),
	},
	{
		path:    "loader/internal/library/wasm",
		imports: list("task loader/internal/library loader/internal/library/abi loader/internal/library/format"),
		outside: list("github.com/tetratelabs/wazero"),
	},
	{path: "loader/internal/frame", imports: list("task internal/clip loader/internal/library")},
	{path: "loader/internal/sandbox", imports: list("internal/setting"), outside: list("golang.org/x/sys")},
	{
		path:    "loader/internal/library/open", // each kind of file with what it is for
		imports: list("loader/internal/library loader/internal/library/native loader/internal/library/wasm loader/internal/sandbox"),
	},
	{
		path:    "loader/internal/child",
		imports: list("task internal/coalesce internal/pace internal/throttle loader/internal/library loader/internal/frame loader/internal/sandbox"),
		outside: list("golang.org/x/sys"),
	},
	{path: "loader/internal/file", outside: list("golang.org/x/sys")},
	{
		path: "loader/internal/process",
		imports: list("task internal/clip internal/coalesce internal/lifetime internal/signature internal/throttle loader/internal/library loader/internal/frame " +
			"loader/internal/sandbox loader/internal/child loader/internal/file"),
		outside: list("golang.org/x/sys"),
	},
	{path: "loader/internal/watch", imports: list("loader/internal/file"), outside: list("github.com/fsnotify/fsnotify")},
	{path: "loader/internal/stage", imports: list("loader/internal/file")},
	{path: "loader/internal/blame", imports: list("task")},
	{path: "loader/internal/shelf"},
	{
		path: "loader",
		imports: list("task internal/setting loader/internal/library loader/internal/library/abi loader/internal/library/format loader/internal/library/open loader/internal/process loader/internal/child loader/internal/sandbox " +
			"loader/internal/file loader/internal/watch loader/internal/stage loader/internal/shelf loader/internal/blame"),
	},
	{path: "internal/stats/metrics", imports: list("task internal/deadletter internal/scheduler internal/stats loader"), outside: list("github.com/prometheus/client_golang")},

	// Protobuf messages stop at these three.
	{path: "service/internal/grpc", imports: list("task internal/http2 internal/wire internal/rpc")},
	{path: "service/internal/peer", imports: list("gen task"), outside: messages},
	{path: "service", imports: list("gen task internal/http2 internal/shape internal/wire internal/journal internal/scheduler internal/rpc internal/pause service/internal/grpc service/internal/peer"), outside: messages},
	{path: "admin/console"},
	{path: "admin", imports: list("gen task internal/clip admin/console internal/adminport internal/audit internal/pause internal/shape internal/signature internal/wire internal/rpc internal/journal internal/scheduler internal/deadletter internal/stats internal/stats/curves loader"), outside: messages},
	{
		path:    "client",
		imports: list("gen task internal/pause internal/setting internal/wire"),
		outside: append(list("github.com/google/uuid golang.org/x/net"), messages...),
	},

	{
		path: "server",
		imports: list("gen task " +
			"internal/audit " +
			"internal/budget " +
			"internal/cluster " +
			"internal/coalesce " +
			"internal/deadletter " +
			"internal/http2 " +
			"internal/listen " +
			"internal/reload " +
			"internal/rpc " +
			"internal/journal internal/scheduler " +
			"internal/setting " +
			"internal/stats internal/stats/curves " +
			"internal/stats/metrics " +
			"internal/datadir " +
			"internal/queue " +
			"internal/store " +
			"internal/store/cached " +
			"internal/store/memory " +
			"internal/store/nats internal/store/nats/members internal/store/nats/route " +
			"internal/wire " +
			"internal/adminport loader service admin admin/console"),
		// Handlers next to those of service and admin: health, reflection, CORS.
		// Reflection has to know the types that an Any may hold.
		outside: list("connectrpc.com github.com/rs/cors google.golang.org/protobuf/reflect " +
			"google.golang.org/protobuf/types/known/wrapperspb golang.org/x/net golang.org/x/sys"),
	},
	{path: "internal/cli/literal", imports: list("task internal/clip")},
	{path: "internal/cli/table"},
	{path: "internal/cli/flags", imports: list("internal/setting loader server")},
	{path: "internal/cli/exit", imports: list("task client internal/cli/flags internal/cli/table")},
	{path: "internal/cli/words"},
	{path: "internal/cli/completion", imports: list("internal/cli/words"), outside: list("github.com/alecthomas/kong")},
	{path: "internal/cli/manual", outside: list("github.com/alecthomas/kong")},
	{path: "internal/cli/prompt", imports: list("internal/cli/exit internal/cli/table internal/cli/words"), outside: list("golang.org/x/term golang.org/x/sys")},
	{path: "internal/cli/data", imports: list("internal/cli/exit internal/cli/table internal/datadir internal/store/nats")},
	{path: "internal/cli/follow", imports: list("client internal/cli/table"), outside: list("golang.org/x/term")},
	{
		path:    "internal/cli/admin",
		imports: list("task client internal/adminport internal/setting internal/cli/completion internal/cli/exit internal/cli/flags internal/cli/follow internal/cli/literal internal/cli/table"),
		outside: list("github.com/alecthomas/kong"),
	},
	{path: "internal/cli/scaffold", imports: list("abi")},
	{
		path:    "internal/cli/dev",
		imports: list("task client loader server internal/cli/exit internal/cli/literal internal/cli/prompt internal/cli/table"),
		outside: list("github.com/BurntSushi/toml"),
	},
	{path: "internal/cli/logging", outside: list("github.com/lmittmann/tint golang.org/x/term")},
	{path: "internal/systemd", outside: list("github.com/coreos/go-systemd/v22/daemon")},
	{
		path: "cmd",
		imports: list("task internal/budget internal/pages internal/reload internal/setting internal/systemd " +
			"internal/cli/literal internal/cli/table internal/cli/flags internal/cli/exit internal/cli/logging internal/cli/prompt internal/cli/completion internal/cli/manual internal/cli/admin internal/cli/data internal/cli/follow " +
			"internal/cli/dev internal/cli/scaffold " +
			"client server loader"),
		outside: list("github.com/alecthomas/kong github.com/BurntSushi/toml github.com/agnivade/levenshtein " +
			"golang.org/x/term"),
	},
	{path: "cmd/task-scheduler", imports: list("builtin cmd")}, // users copy it: nothing else
	{path: "deploy"}, // tests, of what isn't Go
	{path: "examples", imports: list("abi/taskplugin task builtin client server cmd")},
}

// messages is what it takes to speak protobuf on the wire.
var messages = list("connectrpc.com/connect google.golang.org/protobuf google.golang.org/genproto/googleapis/rpc")

func list(words string) []string { return strings.Fields(words) }

// roomOf returns the innermost room that folder is in, or nil.
func roomOf(folder string) *room {
	var found *room
	for i := range rooms {
		if r := &rooms[i]; within(folder, r.path) && (found == nil || len(r.path) > len(found.path)) {
			found = r
		}
	}
	return found
}

// within tells whether path is root or lies below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}
