package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/logging"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/server"
)

// check tells whether the server would start, part by part.
func (s *serveCommand) check(ctx context.Context, out *output) error {
	config := s.config()
	config.Logger = slog.New(logging.Console(out.stderr, flags.InError)) // what plugins print
	findings := server.Check(ctx, config)
	if err := s.checkLogDir(); err != nil {
		findings = append(findings, server.Finding{Part: "logs", Err: err, Fatal: true})
	}
	wrong, fatal := 0, false
	t := table.New(out.stdout)
	for _, found := range findings {
		state, text := "ok", found.Note
		if found.Err != nil {
			wrong++
			fatal = fatal || found.Fatal
			state, text = "wrong", flags.In(found.Err.Error())
		}
		t.Row(state, found.Part, text)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	switch {
	case fatal:
		return exit.Usagef("the server would not start: see what is wrong above")
	case wrong > 0:
		return errors.New("the server would start, but see what is wrong above")
	default:
		return nil
	}
}

// checkLogDir finds a log directory that can't be one.
func (s *serveCommand) checkLogDir() error {
	info, err := os.Stat(s.LogDir)
	switch {
	case s.LogDir == "" || errors.Is(err, fs.ErrNotExist): // it will be made
		return nil
	case err == nil && !info.IsDir():
		err = fmt.Errorf("%s is no directory", s.LogDir)
	}
	if err != nil {
		return fmt.Errorf("%w: choose another directory with --log-dir, or none with --log-dir=", err)
	}
	return nil
}
