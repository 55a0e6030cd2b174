package report

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// Bars are a picture of groups of bars.
type Bars struct {
	Title  string
	Groups []Group
}

// A Group is some bars under a heading.
type Group struct {
	Heading string
	Bars    []Bar
}

// A Bar has a length and says what that is.
type Bar struct {
	Name, Says string
	Length     float64
	// Ours is a bar that this project answers for.
	Ours bool
}

const (
	pictureWidth = 760
	barLeft      = 250
	barRight     = 90 // for what it says
	barHeight    = 18
	lineHeight   = 24
	headHeight   = 32
	titleHeight  = 44
)

// style follows the page's colours, light or dark.
const style = `
text{font:13px system-ui,sans-serif;fill:#1f2328}
.title{font-weight:600;font-size:16px}
.heading{font-weight:600}
.name{text-anchor:end}
.ours{fill:#0969da}.other{fill:#afb8c1}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#4493f8}.other{fill:#59636e}}
`

// SVG draws it.
func (p *Bars) SVG() string {
	var b strings.Builder
	y := titleHeight
	longest := p.longest()
	for _, g := range p.Groups {
		fmt.Fprintf(&b, `<text class="heading" x="10" y="%d">%s</text>`+"\n", y+20, html.EscapeString(g.Heading))
		y += headHeight
		for _, bar := range g.Bars {
			width := max(bar.Length/longest*(pictureWidth-barLeft-barRight), 1)
			class := "other"
			if bar.Ours {
				class = "ours"
			}
			fmt.Fprintf(&b, `<text class="name" x="%d" y="%d">%s</text>`, barLeft-8, y+14, html.EscapeString(bar.Name))
			fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>`, class, barLeft, y, width, barHeight)
			fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`+"\n", barLeft+width+6, y+14, html.EscapeString(bar.Says))
			y += lineHeight
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%[3]s">
<style>%[4]s</style>
<text class="title" x="10" y="28">%[3]s</text>
%[5]s</svg>
`, pictureWidth, y+10, html.EscapeString(p.Title), style, b.String())
}

func (p *Bars) longest() float64 {
	longest := 0.
	for _, g := range p.Groups {
		for _, bar := range g.Bars {
			longest = max(longest, bar.Length)
		}
	}
	return max(longest, 1e-9)
}

// Empty tells whether there is nothing to draw.
func (p *Bars) Empty() bool {
	return !slices.ContainsFunc(p.Groups, func(g Group) bool { return len(g.Bars) > 0 })
}
