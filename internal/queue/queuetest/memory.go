package queuetest

import (
	"bytes"
	"errors"
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/queue"
)

// Memory is a [queue.Log] in memory. A queue that is opened on it again finds
// what another one has left, as after a crash.
type Memory struct {
	// Before, if not nil, is called before each call and may refuse it.
	Before func(call string) error
	// Largest is how many bytes a message may have; 0: 5 MiB.
	Largest int

	mu       sync.Mutex
	dropped  uint64
	messages [][]byte
}

var _ queue.Log = (*Memory)(nil)

var (
	errNoMessage = errors.New("there is no such message")
	errTooLarge  = errors.New("the message is larger than the log takes")
)

func (m *Memory) before(call string) error {
	if m.Before == nil {
		return nil
	}
	return m.Before(call)
}

// Append implements [queue.Log].
func (m *Memory) Append(message []byte) (number uint64, err error) {
	if err := m.before("Append"); err != nil {
		return 0, err
	}
	if len(message) > m.MaxMessage() {
		return 0, errTooLarge
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.messages = append(m.messages, bytes.Clone(message))
	return m.dropped + uint64(len(m.messages)), nil
}

// Get implements [queue.Log].
func (m *Memory) Get(number uint64) ([]byte, error) {
	if err := m.before("Get"); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if number <= m.dropped || number > m.dropped+uint64(len(m.messages)) {
		return nil, errNoMessage
	}
	return m.messages[number-m.dropped-1], nil
}

// Read implements [queue.Log].
func (m *Memory) Read(f func(number uint64, message []byte) error) error {
	if err := m.before("Read"); err != nil {
		return err
	}
	m.mu.Lock()
	messages, dropped := m.messages, m.dropped
	m.mu.Unlock()
	for i, message := range messages {
		if err := f(dropped+uint64(i)+1, message); err != nil {
			return err
		}
	}
	return nil
}

// Drop implements [queue.Log].
func (m *Memory) Drop(before uint64) error {
	if err := m.before("Drop"); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.dropped+1 < before && len(m.messages) > 0 {
		m.messages = m.messages[1:]
		m.dropped++
	}
	return nil
}

// Len returns how many messages there are.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.messages)
}

// MaxMessage implements [queue.Log].
func (m *Memory) MaxMessage() int {
	if m.Largest > 0 {
		return m.Largest
	}
	return 5 << 20
}
