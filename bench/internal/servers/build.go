// Package servers builds the servers that are compared and starts each as a
// process of its own.
package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Kind is one of the servers.
type Kind string

// What is compared.
const (
	Service   Kind = "Task Scheduler"
	GRPCGo    Kind = "grpc-go"
	ConnectGo Kind = "connect-go, net/http"
)

// Collector tells what each does about garbage.
var Collector = map[Kind]string{
	Service:   "GOGC 400, less when more than 12 to 32 MiB live; it sets that itself",
	GRPCGo:    "GOGC 100, Go's default",
	ConnectGo: "GOGC 100, Go's default",
}

// A Workshop has what was built, in a folder that Close removes.
type Workshop struct {
	folder, project string
	plugin          string // the file of the plugin, if there is a C compiler
	certificate
}

var programs = map[Kind]string{Service: "task-scheduler", GRPCGo: "grpcgo", ConnectGo: "connectgo"}

// NewWorkshop builds the servers, a plugin and a certificate.
func NewWorkshop(ctx context.Context) (_ *Workshop, err error) {
	module, err := output(exec.CommandContext(ctx, "go", "env", "GOMOD"))
	if err != nil {
		return nil, err
	}
	bench := filepath.Dir(module)
	w := &Workshop{project: filepath.Dir(bench)}
	if w.folder, err = os.MkdirTemp("", "bench-*"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	for folder, what := range map[string]string{w.project: "./cmd/task-scheduler", bench: "./servers/..."} {
		build := exec.CommandContext(ctx, "go", "build", "-o", w.folder+string(filepath.Separator), what)
		build.Dir = folder
		if _, err := output(build); err != nil {
			return nil, err
		}
	}
	for _, program := range programs {
		if err := install(filepath.Join(w.folder, program)); err != nil {
			return nil, err
		}
	}
	if w.certificate, err = newCertificate(w.folder); err != nil {
		return nil, err
	}
	return w, w.compilePlugin(ctx, filepath.Join(bench, "plugins", "testdata", "echo.c"))
}

// install puts a copy in a program's place, as each machine has one that runs it. The
// linker's own file is in the system's cache in pieces of up to 2 MiB, as it was
// written, and Linux 6.18 maps all of a piece where one page of it is needed.
func install(program string) error {
	built, err := os.Open(program)
	if err != nil {
		return err
	}
	defer built.Close()
	installed, err := os.OpenFile(program+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700) //nolint:gosec // a program
	if err != nil {
		return err
	}
	const piece = 32 << 10
	_, err = io.CopyBuffer(struct{ io.Writer }{installed}, struct{ io.Reader }{built}, make([]byte, piece))
	if err := errors.Join(err, installed.Close()); err != nil {
		return err
	}
	return os.Rename(program+".new", program)
}

// compilePlugin makes the dynamic library that Options.Plugin is about.
func (w *Workshop) compilePlugin(ctx context.Context, source string) error {
	if _, err := exec.LookPath("cc"); err != nil {
		return nil //nolint:nilerr // what needs it is left out
	}
	folder := filepath.Join(w.folder, "libraries")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	w.plugin = filepath.Join(folder, "libecho.so")
	_, err := output(exec.CommandContext(ctx, "cc", "-shared", "-fPIC", "-O2",
		"-I", filepath.Join(w.project, "abi"), "-o", w.plugin, source))
	return err
}

// HasPlugin tells whether there is a plugin: it takes a C compiler.
func (w *Workshop) HasPlugin() bool { return w.plugin != "" }

// Folder is the one that Close removes.
func (w *Workshop) Folder() string { return w.folder }

// Project is the folder of the product.
func (w *Workshop) Project() string { return w.project }

// Close removes what was built.
func (w *Workshop) Close() error { return os.RemoveAll(w.folder) }

// output runs a command and returns what it prints, without the line's end.
func output(command *exec.Cmd) (string, error) {
	var complaints bytes.Buffer
	command.Stderr = &complaints
	printed, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, &complaints)
	}
	return strings.TrimSpace(string(printed)), nil
}
