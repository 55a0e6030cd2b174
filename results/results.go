// Package results keeps the outcomes of ended tasks for a while, in memory.
package results

import (
	"errors"
	"math"
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
	cache *otter.Cache[string, V]
}

// entryOverhead is about what an entry costs beside its id and its content:
// otter's node and hash table slot, the string and value headers.
const entryOverhead = 200

// New returns an empty cache. content tells how many bytes a value holds
// outside itself. The cache has a goroutine that drops what has expired even
// when nobody asks; [Cache.Close] ends it.
func New[V any](config Config, content func(V) int) (*Cache[V], error) {
	if config.TTL <= 0 || config.Capacity <= 0 || config.Memory <= 0 {
		return nil, errors.New("results: TTL, Capacity and Memory must be positive")
	}
	// otter bounds either the number of entries or their weight. Both are
	// bounded when no entry weighs less than its share of the memory.
	share := max(1, config.Memory/int64(config.Capacity))
	weigh := func(id string, value V) uint32 {
		bytes := int64(entryOverhead + len(id) + content(value))
		return uint32(min(max(bytes, share), math.MaxUint32))
	}
	cache, err := otter.New(&otter.Options[string, V]{
		MaximumWeight:    uint64(share) * uint64(config.Capacity),
		Weigher:          weigh,
		ExpiryCalculator: otter.ExpiryWriting[string, V](config.TTL),
	})
	if err != nil {
		return nil, err
	}
	return &Cache[V]{cache: cache}, nil
}

// Get returns the value of an id that was put and has not been dropped.
func (c *Cache[V]) Get(id string) (V, bool) { return c.cache.GetIfPresent(id) }

// Put stores the value of an id. It may drop others to make room.
func (c *Cache[V]) Put(id string, value V) { c.cache.Set(id, value) }

// Len returns about how many entries there are.
func (c *Cache[V]) Len() int { return c.cache.EstimatedSize() }

// Close ends the cache's goroutine.
func (c *Cache[V]) Close() { c.cache.StopAllGoroutines() }
