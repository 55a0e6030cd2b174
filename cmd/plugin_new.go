package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/scaffold"
)

// newPluginCommand writes a folder for a plugin.
type newPluginCommand struct {
	Language string `arg:"" enum:"c,cpp,rust,go,zig,assemblyscript" help:"c, cpp, rust, go, zig or assemblyscript."`
	Folder   string `arg:"" name:"name" help:"Name of the plugin, of a-z, 0-9 and _; or a path that ends in it. The folder must not exist yet."`

	Helpers string `placeholder:"DIR" help:"Use the header and the helper in this folder, the abi of a checkout, by path. Otherwise they are copied in."`
}

// Help shows an example.
func (newPluginCommand) Help() string {
	return `The folder has three tasks to begin with, a test, and all that they need beside the language's own tools: it is built
with one command, which the command prints, and can be moved anywhere.

Example:

    task-scheduler plugin new rust image_tools

Exit codes: 0 the folder is there, 2 it can't be written, or wrong usage.`
}

// Run writes the folder, and says how to go on.
func (c *newPluginCommand) Run(out *output, parser *kong.Kong) error {
	made, err := scaffold.New(scaffold.Options{Language: c.Language, Folder: c.Folder, Helpers: c.Helpers})
	if err != nil {
		return &exit.Error{Code: exit.WrongUsage, Err: err}
	}
	program := callable(parser.Model.Name)
	_, err = fmt.Fprintf(out.stdout, `%s is a plugin in %s now, with three tasks. Build it and try it:

    cd %s
    %s
    %s
    %s plugin check %s
    %s plugin dev .

The last one builds and loads what you change, and calls what you type, such as multiply 6 7. README.md has more.
`, made.Name, made.Title, quoted(c.Folder), made.Build, made.Test, program, made.Library, program)
	return err
}

// callable is how to call this program from another folder.
func callable(program string) string {
	self, err := os.Executable()
	if err != nil {
		return program
	}
	if found, err := exec.LookPath(program); err == nil && sameFile(found, self) {
		return program
	}
	return quoted(self)
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

var plainWord = regexp.MustCompile(`^[\w./:-]+$`)

// quoted is a path as a shell takes it for one word.
func quoted(path string) string {
	path = filepath.ToSlash(path)
	if plainWord.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
