package server

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/grpchealth"

	"github.com/taskscheduler/taskscheduler/admin"
	"github.com/taskscheduler/taskscheduler/admin/console"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/listen"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/service"
)

// adminOff is the AdminAddr that stands for no admin port.
const adminOff = "off"

// An adminPort is the port that operators use, with what is behind it.
type adminPort struct {
	*adminport.Port
	endpoint
}

// adminConfig is what cfg says of the admin port, but for TLS.
func (c *Config) adminConfig() adminport.Config {
	return adminport.Config{
		Addr: c.AdminAddr, TokenFile: c.AdminTokenFile, RoleFile: c.AdminRoleFile, Needs: admin.RoleFor,
		Hosts: c.AdminHosts, Logger: c.Logger,
	}
}

// besideAddr returns the AdminAddr of a server that listens on addr and has none
// of its own, so that two servers on one machine need only another Addr each.
func besideAddr(addr string) string {
	_, service, _ := net.SplitHostPort(addr) // check finds what is wrong
	number, err := net.DefaultResolver.LookupPort(context.Background(), "tcp", service)
	if err != nil || number == 0 || number == math.MaxUint16 {
		number = -1 // any free one
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(number+1))
}

// checkAdmin is check for the fields of the admin port.
func (c *Config) checkAdmin() error {
	if c.AdminAddr == adminOff {
		return nil
	}
	config := c.adminConfig()
	if err := config.Check(); err != nil {
		return err
	}
	if err := checkTLS(c.adminTLS()); err != nil {
		return err
	}
	return c.checkNetworkOfPlugins()
}

// checkNetworkOfPlugins refuses to let a plugin reach a port where nobody asks
// who it is: it could steer the server.
func (c *Config) checkNetworkOfPlugins() error {
	if c.AdminTokenFile != "" || c.AdminRoleFile != "" || c.AdminTLSCACert != "" ||
		strings.HasPrefix(c.AdminAddr, listen.UnixPrefix) {
		return nil
	}
	networked := ""
	if c.PluginLimits.Network {
		networked = "every plugin (Config.PluginLimits)"
	}
	for _, name := range slices.Sorted(maps.Keys(c.PluginLimitsByName)) {
		if networked == "" && c.PluginLimitsByName[name].Network {
			networked = "plugin " + name + " (Config.PluginLimitsByName)"
		}
	}
	if networked == "" {
		return nil
	}
	return fmt.Errorf("%s may use the network, and so could steer the server by Config.AdminAddr %s, where nobody is asked "+
		"for a token: name a file of tokens as Config.AdminTokenFile, or listen on unix:PATH, or off", networked, c.AdminAddr)
}

func (c *Config) adminTLS() tlsFiles {
	return tlsFiles{setting: "Config.AdminTLS", cert: c.AdminTLSCert, key: c.AdminTLSKey, ca: c.AdminTLSCACert}
}

// openAdmin opens the port that cfg asks for; nil if it asks for none.
func openAdmin(cfg *Config) (p *adminPort, err error) {
	if cfg.AdminAddr == adminOff {
		return nil, nil //nolint:nilnil // a server without an admin port has none to close
	}
	p = new(adminPort)
	config := cfg.adminConfig()
	if cfg.AdminTLSCert != "" {
		if p.certs, err = loadCertificates(cfg.adminTLS(), cfg.Logger); err != nil {
			return nil, err
		}
		config.TLS = p.certs.serverConfig()
	}
	if p.Port, err = adminport.Listen(config); err != nil {
		return nil, err
	}
	p.listener = p.Port
	return p, nil
}

// operators is what answers them, by its path.
type operators struct {
	path     string
	handler  http.Handler
	forNodes http.Handler // it, for other nodes
	refused  adminport.Refused
}

// newOperators returns what answers the rpcs of operators, here and on other nodes.
func (s *Server) newOperators(closing context.Context, started time.Time) (o operators) {
	cfg := &s.config
	o.path, o.handler, o.refused = admin.NewHandler(admin.Config{
		Scheduler:   s.scheduler,
		Plugins:     s.plugins,
		Tasks:       cfg.Tasks,
		History:     s.history,
		Feed:        s.feed,
		Curves:      s.curves,
		Full:        s.data.full(),
		MaxPending:  cfg.MaxPendingTasks,
		DeadLetters: s.letters,
		Submit:      service.Submitter(s.service()),
		MaxMessage:  cfg.MaxMessageBytes,
		Refuse:      s.refuse,

		KeepArguments: cfg.KeepArguments,
		HideValues:    cfg.AdminHideValues,
		PluginUpload:  cfg.PluginUpload,
		Results:       s.data.count,
		Level:         cfg.LogLevel,
		Logger:        cfg.Logger,
		Audit:         cfg.AuditLogger,
		Trail:         s.trail,
		NodeID:        s.nodeID,
		Version:       cfg.Version,
		Started:       started,
		Limits:        cfg.limits(),
		Cluster:       s.knownNodes(),
		RemoveNode:    s.nodeRemover(),
	})
	o.forNodes = untilShutdown(closing, admin.ForNodes(o.handler))
	return o
}

// newAdminHandler returns everything that is on the admin port.
func (s *Server) newAdminHandler(closing context.Context) http.Handler {
	mux := s.newProbes(console.NewHandler(nothingHere("Nothing is at this path. The admin port has a page for browsers at /, " +
		"answers gRPC, gRPC-Web and Connect calls of " + admin.Name + ", and /metrics, /healthz and /readyz.")))
	mux.Handle(s.operators.path, s.operators.handler)
	for path, handler := range sideServices(adminHealth{s.health}, append([]string{admin.Name}, reflected...)...) {
		mux.Handle(path, handler)
	}
	return untilShutdown(closing, s.admin.Guard(rpc.Correct(mux), s.operators.refused))
}

// adminHealth is the server's health as operators see it: the admin service
// goes on serving while the server drains.
type adminHealth struct{ *health }

// Check tells how a service is.
func (h adminHealth) Check(ctx context.Context, request *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	if request.Service == admin.Name {
		return &grpchealth.CheckResponse{Status: grpchealth.StatusServing}, nil
	}
	return h.health.Check(ctx, request)
}

// Watch has onChange called when the answer of Check may have changed.
func (h adminHealth) Watch(ctx context.Context, request *grpchealth.CheckRequest, onChange func()) (stop func(), err error) {
	if request.Service == admin.Name {
		return func() {}, nil
	}
	return h.health.Watch(ctx, request, onChange)
}
