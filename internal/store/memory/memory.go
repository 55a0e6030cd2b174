// Package memory keeps the outcomes of ended tasks for a while, in memory.
// What has to go goes in the order in which it came.
package memory

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// Config says how much is kept. All fields must be positive.
type Config struct {
	// TTL is how long an entry is kept.
	TTL time.Duration
	// Capacity is how many entries are kept at the most.
	Capacity int
	// Memory is about how many bytes they may hold together.
	Memory int64
}

// A Cache keeps values by id. All methods are safe for concurrent use.
type Cache[V any] struct {
	cache   *otter.Cache[string, entry[V]]
	content func(V) int
	age     age
	puts    atomic.Uint64
	sweeper sync.WaitGroup
	closed  chan struct{}
}

// entry is a value, when it was put, and with which Put: one that the age list
// has given up must not take a later one of the same id with it.
type entry[V any] struct {
	value V
	put   uint64
	at    time.Duration
}

// entryOverhead is about what an entry costs beside its id and its content:
// otter's node and hash table slot, and its place in the age list.
const entryOverhead = 200

// sweepInterval is how long what has expired may stay in memory.
const sweepInterval = time.Second

// New returns an empty cache. content tells how many bytes a value holds
// outside itself. The cache has a goroutine that drops what has expired even
// when nobody asks; [Cache.Close] ends it.
func New[V any](config Config, content func(V) int) (*Cache[V], error) {
	if config.TTL <= 0 || config.Capacity <= 0 || config.Memory <= 0 {
		return nil, errors.New("results: TTL, Capacity and Memory must be positive")
	}
	// otter bounds a cache by what is asked for most, which turns away what is
	// new when the cache is full. So the bounds are the age list's, and with
	// them the expiry: all entries live equally long, and a second order of
	// time, otter's, would be a fifth of what a call costs without transport.
	cache, err := otter.New(&otter.Options[string, entry[V]]{})
	if err != nil {
		return nil, err
	}
	c := &Cache[V]{
		cache:   cache,
		content: content,
		age:     age{config: config, began: time.Now()},
		closed:  make(chan struct{}),
	}
	c.sweeper.Go(c.sweep)
	return c, nil
}

// Get returns the value of an id that was put and has not been dropped.
func (c *Cache[V]) Get(id string) (value V, ok bool) {
	e, ok := c.cache.GetIfPresent(id)
	if !ok || c.age.expired(e.at) {
		return value, false
	}
	return e.value, true
}

// Put stores the value of an id. It may drop the oldest to make room.
func (c *Cache[V]) Put(id string, value V) {
	put, at := c.puts.Add(1), c.age.now()
	c.cache.Set(id, entry[V]{value, put, at})
	c.age.push(record{id: id, put: put, at: at, bytes: int64(entryOverhead + len(id) + c.content(value))})
	c.trim()
}

// Len returns about how many entries there are.
func (c *Cache[V]) Len() int { return c.cache.EstimatedSize() }

// Close ends the cache's goroutine. It is called once.
func (c *Cache[V]) Close() {
	close(c.closed)
	c.sweeper.Wait()
}

// trim drops what is too old or too much.
func (c *Cache[V]) trim() {
	for {
		oldest, ok := c.age.pop()
		if !ok {
			return
		}
		c.cache.ComputeIfPresent(oldest.id, func(e entry[V]) (entry[V], otter.ComputeOp) {
			if e.put != oldest.put {
				return e, otter.CancelOp
			}
			return e, otter.InvalidateOp
		})
	}
}

func (c *Cache[V]) sweep() {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		select {
		case <-c.closed:
			return
		case <-ticker.C:
			c.trim()
		}
	}
}
