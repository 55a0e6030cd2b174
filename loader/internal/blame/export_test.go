package blame

// Suspects is how many calls each call is compared with.
func (l *Log) Suspects() int { return int(l.count.Load()) }
