// Package manual makes manual pages of a command line's commands and flags.
package manual

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A Page is one command's.
type Page struct {
	// File is its name: prog-admin-plugins.1.
	File string
	// Text is the page in the macros of man(7).
	Text []byte
}

// Pages returns a page for the program, and one for each command that is not
// hidden. Version and date are the program's.
func Pages(app *kong.Application, version, date string) []Page {
	m := &manual{program: app.Name, version: version, date: date}
	m.add(app.Node)
	return m.pages
}

// A manual is the pages that have been made.
type manual struct {
	program, version, date string

	pages []Page
}

// add makes the pages of a node and of those below it.
func (m *manual) add(node *kong.Node) {
	m.pages = append(m.pages, Page{pageName(m.program, node) + ".1", m.page(node)})
	for _, child := range node.Children {
		if !child.Hidden {
			m.add(child)
		}
	}
}

// pageName is what a node's page is called: prog-admin-plugins.
func pageName(program string, node *kong.Node) string {
	if node.Parent == nil {
		return program
	}
	return pageName(program, node.Parent) + "-" + node.Name
}

func (m *manual) page(node *kong.Node) []byte {
	r := new(roff)
	name := pageName(m.program, node)
	about, rest := node.Help, node.Detail
	if node.Parent == nil { // the program's is of several paragraphs
		about, rest, _ = strings.Cut(node.Help, "\n\n")
	}
	r.title(name, m.date, m.program+" "+m.version)
	r.section("NAME")
	r.line(name + " - " + strings.ToLower(about[:min(1, len(about))]) + strings.TrimSuffix(about[min(1, len(about)):], "."))
	r.section("SYNOPSIS")
	r.bold(strings.TrimSpace(m.program + " " + strings.TrimSpace(node.Summary())))
	r.section("DESCRIPTION")
	r.line(about)
	description, later := parts(rest)
	r.blocks(description)
	m.commands(r, node)
	arguments(r, node)
	options(r, node)
	for _, part := range later {
		r.section(part.title)
		r.blocks(part.blocks)
	}
	r.section("SEE ALSO")
	r.line(strings.Join(m.related(node), ", "))
	return r.bytes()
}

// related are the pages above and below a node's.
func (m *manual) related(node *kong.Node) []string {
	var names []string
	if node.Parent != nil {
		names = append(names, pageName(m.program, node.Parent)+"(1)")
	}
	for _, child := range node.Children {
		if !child.Hidden {
			names = append(names, pageName(m.program, child)+"(1)")
		}
	}
	return names
}

func (m *manual) commands(r *roff, node *kong.Node) {
	if !slices.ContainsFunc(node.Children, func(n *kong.Node) bool { return !n.Hidden }) {
		return
	}
	r.section("COMMANDS")
	for _, child := range node.Children {
		if !child.Hidden {
			r.item(strings.Join(append([]string{child.Name}, child.Aliases...), ", "), child.Help)
		}
	}
}

func arguments(r *roff, node *kong.Node) {
	if len(node.Positional) == 0 {
		return
	}
	r.section("ARGUMENTS")
	for _, argument := range node.Positional {
		r.item(argument.Summary(), argument.Help)
	}
}

// options lists the flags that work with a command: by group, as the help does,
// and those of the command that runs when none is named.
func options(r *roff, node *kong.Node) {
	groups := node.AllFlags(true)
	if node.DefaultCmd != nil {
		groups = append(groups, node.DefaultCmd.Flags)
	}
	var titles []string
	byTitle := make(map[string][]*kong.Flag)
	for _, flag := range slices.Concat(groups...) {
		title := ""
		if flag.Group != nil {
			title = strings.TrimSuffix(flag.Group.Title, ":")
		}
		if !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
		byTitle[title] = append(byTitle[title], flag)
	}
	slices.SortStableFunc(titles, func(a, b string) int { return min(len(a), 1) - min(len(b), 1) }) // those of no group first
	r.section("OPTIONS")
	for _, title := range titles {
		if title != "" {
			r.subsection(title)
		}
		for _, flag := range byTitle[title] {
			spelled := flag.String()
			if flag.Tag.Negatable != "" {
				spelled = strings.Replace(spelled, "--", "--[no-]", 1)
			}
			r.item(spelled, kong.DefaultHelpValueFormatter(flag.Value))
		}
	}
}
