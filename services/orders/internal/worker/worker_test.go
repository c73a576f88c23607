package worker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"understudy.local/orders/internal/order"
	"understudy.local/orders/internal/process"
	"understudy.local/orders/internal/trace"
)

type fakeQueue struct {
	mu       sync.Mutex
	waiting  []process.Message
	deleted  []string
	rejected map[string]string
	delayed  map[string]time.Duration
	receives int
	failing  error
}

func newQueue(ids ...string) *fakeQueue {
	q := &fakeQueue{rejected: map[string]string{}, delayed: map[string]time.Duration{}}
	for _, id := range ids {
		q.waiting = append(q.waiting, process.Message{ID: id, Trace: trace.OrNew(""), Deliveries: 1})
	}
	return q
}

func (q *fakeQueue) Receive(ctx context.Context, limit int, wait time.Duration) ([]process.Message, error) {
	q.mu.Lock()
	q.receives++
	count := min(limit, len(q.waiting))
	taken := q.waiting[:count]
	q.waiting = q.waiting[count:]
	failing := q.failing
	q.mu.Unlock()
	if failing != nil {
		return nil, failing
	}
	if count == 0 {
		return nil, Sleep(ctx, wait)
	}
	return taken, nil
}

func (q *fakeQueue) Delete(_ context.Context, m process.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.deleted = append(q.deleted, m.ID)
	return nil
}

func (q *fakeQueue) Delay(ctx context.Context, m process.Message, delay time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.delayed[m.ID] = delay
	return ctx.Err()
}

func (q *fakeQueue) Reject(_ context.Context, m process.Message, reason string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.failing != nil {
		return q.failing
	}
	q.rejected[m.ID] = reason
	return nil
}

type fakeHealth struct{ ready atomic.Bool }

func (h *fakeHealth) Beat()               {}
func (h *fakeHealth) SetReady(ready bool) { h.ready.Store(ready) }

func options(q Queue, health Health, handle func(context.Context, process.Message) error) Options {
	return Options{
		Queue: q, Handle: handle, Health: health, Concurrency: 4, Grace: 10 * time.Second,
		Probe: func(context.Context) error { return nil },
		Log:   slog.New(slog.NewJSONHandler(io.Discard, nil)),
	}
}

// start runs a worker inside a synctest bubble, whose clock moves only when everybody waits.
func start(o Options) (stop context.CancelFunc, stopped chan error) {
	ctx, cancel := context.WithCancel(context.Background())
	stopped = make(chan error, 1)
	go func() { stopped <- New(o).Run(ctx) }()
	return cancel, stopped
}

func TestEachOutcomeIsSettledInItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, health := newQueue("good", "malformed", "transient"), &fakeHealth{}
		stop, stopped := start(options(q, health, func(_ context.Context, m process.Message) error {
			switch m.ID {
			case "malformed":
				return order.Malformedf("it is\nbroken")
			case "transient":
				return errors.New("down")
			}
			return nil
		}))
		time.Sleep(time.Second)
		if !health.ready.Load() {
			t.Error("not ready while it works")
		}
		stop()
		if err := <-stopped; err != nil || health.ready.Load() {
			t.Errorf("ended with %v, ready %v", err, health.ready.Load())
		}
		if len(q.deleted) != 2 || q.rejected["malformed"] != "it is broken" || len(q.rejected) != 1 {
			t.Errorf("deleted %v, rejected %v", q.deleted, q.rejected)
		}
		if delay, ok := q.delayed["transient"]; !ok || delay < time.Second || len(q.delayed) != 1 {
			t.Errorf("delayed %v", q.delayed)
		}
	})
}

func TestAMessageThatTheDeadLetterQueueDidNotTakeStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue("malformed")
		stop, stopped := start(options(q, &fakeHealth{}, func(context.Context, process.Message) error {
			q.mu.Lock()
			q.failing = errors.New("down")
			q.mu.Unlock()
			return order.Malformedf("broken")
		}))
		time.Sleep(time.Second)
		stop()
		<-stopped
		if len(q.deleted) != 0 {
			t.Errorf("deleted %v", q.deleted)
		}
	})
}

func TestNoMoreThanTheLimitAreInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue("1", "2", "3", "4", "5", "6", "7", "8", "9")
		var now, most atomic.Int32
		stop, stopped := start(options(q, &fakeHealth{}, func(context.Context, process.Message) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(time.Second)
			return nil
		}))
		time.Sleep(10 * time.Second)
		stop()
		<-stopped
		if most.Load() != 4 || len(q.deleted) != 9 {
			t.Errorf("%d at once, %d done", most.Load(), len(q.deleted))
		}
	})
}

func TestTheStopWaitsForMessagesInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue("slow")
		stop, stopped := start(options(q, &fakeHealth{}, func(ctx context.Context, _ process.Message) error {
			return Sleep(ctx, 8*time.Second)
		}))
		time.Sleep(time.Second)
		stop()
		<-stopped
		if len(q.deleted) != 1 {
			t.Errorf("deleted %v, delayed %v", q.deleted, q.delayed)
		}
	})
}

func TestWhatOutlastsTheGracePeriodGoesBackToTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue("stuck")
		stop, stopped := start(options(q, &fakeHealth{}, func(ctx context.Context, _ process.Message) error {
			return Sleep(ctx, time.Hour)
		}))
		time.Sleep(time.Second)
		began := time.Now()
		stop()
		<-stopped
		if delay, ok := q.delayed["stuck"]; !ok || delay != 0 || time.Since(began) != 10*time.Second {
			t.Errorf("delayed %v after %v", q.delayed, time.Since(began))
		}
	})
}

func TestNothingIsReceivedWhileADependencyIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue("first")
		var up atomic.Bool
		o := options(q, &fakeHealth{}, func(context.Context, process.Message) error {
			if up.Load() {
				return nil
			}
			return errors.New("down")
		})
		o.Concurrency = 1
		o.Probe = func(context.Context) error {
			if up.Load() {
				return nil
			}
			return errors.New("still down")
		}
		stop, stopped := start(o)
		time.Sleep(time.Minute)
		// One for the message; a second may already wait when the first fails, but no more.
		if q.mu.Lock(); q.receives > 2 {
			t.Errorf("%d receives during the outage", q.receives)
		}
		q.waiting = append(q.waiting, process.Message{ID: "second", Trace: trace.OrNew(""), Deliveries: 1})
		q.mu.Unlock()
		up.Store(true)
		time.Sleep(time.Minute)
		stop()
		<-stopped
		if len(q.deleted) != 1 || q.deleted[0] != "second" {
			t.Errorf("deleted %v", q.deleted)
		}
	})
}

func TestReadyAtOnceWithAnEmptyQueueButNotWithoutOne(t *testing.T) {
	for _, failing := range []error{nil, errors.New("no such queue")} {
		synctest.Test(t, func(t *testing.T) {
			q, health := newQueue(), &fakeHealth{}
			q.failing = failing
			stop, stopped := start(options(q, health, nil))
			time.Sleep(time.Millisecond)
			if health.ready.Load() != (failing == nil) {
				t.Errorf("with %v: ready is %v", failing, health.ready.Load())
			}
			stop()
			<-stopped
		})
	}
}

func TestBackoffGrowsToItsLimit(t *testing.T) {
	for attempt := 1; attempt < 80; attempt++ {
		delay := Backoff(attempt, time.Second, 15*time.Second)
		full := 15 * time.Second
		if attempt < 5 {
			full = time.Second << (attempt - 1)
			full = min(full, 15*time.Second)
		}
		if delay > full || delay < full*4/5 {
			t.Errorf("attempt %d waits %v, not about %v", attempt, delay, full)
		}
	}
}
