// Package worker takes messages from a queue, a bounded number at a time, and settles each of them.
package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"understudy.local/orders/internal/logging"
	"understudy.local/orders/internal/order"
	"understudy.local/orders/internal/process"
)

const (
	// MessageDeadline bounds the work on one message. Visibility leaves room for settling it afterwards.
	MessageDeadline = 30 * time.Second
	// Visibility is how long the queue hides a message that is being worked on.
	Visibility = 45 * time.Second
	// LongPoll is how long the queue is asked to wait for a message. A stop lets the current request end, since a
	// message that the queue hands to an abandoned request stays hidden for as long as Visibility; so it is short.
	LongPoll = 5 * time.Second

	batch         = 10 // what the queue hands out at most
	settleTimeout = 5 * time.Second
	probeTimeout  = 5 * time.Second
	retryBase     = 2 * time.Second
	retryLimit    = 2 * time.Minute
)

// Queue is where messages come from. Receive waits for a message, wait at most, and returns none if there is none.
// Reject copies a message to the dead-letter queue.
type Queue interface {
	Receive(ctx context.Context, limit int, wait time.Duration) ([]process.Message, error)
	Delete(ctx context.Context, message process.Message) error
	Delay(ctx context.Context, message process.Message, delay time.Duration) error
	Reject(ctx context.Context, message process.Message, reason string) error
}

// Health is told how the worker does.
type Health interface {
	Beat()
	SetReady(ready bool)
}

// Options of a Worker; all are required.
type Options struct {
	Queue  Queue
	Handle func(ctx context.Context, message process.Message) error
	// Probe asks whether what Handle depends on is there. After a failed attempt no message is received until it
	// is, so that an outage does not use up the deliveries of good orders.
	Probe       func(ctx context.Context) error
	Health      Health
	Log         *slog.Logger
	Concurrency int
	// Grace is how long messages in flight may take after the stop.
	Grace time.Duration
}

// Worker runs the loop.
type Worker struct {
	Options
	slots   chan struct{}
	suspect chan struct{}
}

// New returns a Worker.
func New(options Options) *Worker {
	return &Worker{
		Options: options,
		slots:   make(chan struct{}, options.Concurrency),
		suspect: make(chan struct{}, 1),
	}
}

// Run works until ctx ends. Then it is no longer ready, takes no more messages, and gives those in flight the
// grace period; what is not done by then goes back to the queue.
func (w *Worker) Run(ctx context.Context) error {
	work, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	var inFlight sync.WaitGroup
	inFlight.Go(func() { w.poll(ctx, work, &inFlight) })

	<-ctx.Done()
	w.Health.SetReady(false)
	w.Log.Info("draining", "grace_seconds", w.Grace.Seconds())
	done := make(chan struct{})
	go func() { inFlight.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(w.Grace):
		abandon()
		<-done
	}
	return nil
}

func (w *Worker) poll(ctx, work context.Context, inFlight *sync.WaitGroup) {
	// The first answer comes at once: it shows that the queue can be read, which is what being ready means.
	wait := time.Duration(0)
	for failures := 0; ctx.Err() == nil; {
		w.Health.Beat()
		if !w.awaitDependencies(ctx) {
			return
		}
		free, ok := w.acquire(ctx)
		if !ok {
			return
		}
		messages, err := w.Queue.Receive(work, free, wait)
		w.release(free - len(messages))
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			failures++
			w.Log.Warn("receive failed", "error", err.Error())
			_ = Sleep(ctx, Backoff(failures, time.Second, 15*time.Second))
			continue
		}
		failures, wait = 0, LongPoll
		w.Health.SetReady(ctx.Err() == nil)
		for _, message := range messages {
			inFlight.Go(func() {
				defer w.release(1)
				w.one(work, message)
			})
		}
	}
}

// acquire waits for one free slot and takes up to a batch of them.
func (w *Worker) acquire(ctx context.Context) (int, bool) {
	select {
	case <-ctx.Done():
		return 0, false
	case w.slots <- struct{}{}:
	}
	for taken := 1; taken < batch; taken++ {
		select {
		case w.slots <- struct{}{}:
		default:
			return taken, true
		}
	}
	return batch, true
}

func (w *Worker) release(count int) {
	for range count {
		<-w.slots
	}
}

// awaitDependencies returns at once unless an attempt failed since; false when ctx ended meanwhile.
func (w *Worker) awaitDependencies(ctx context.Context) bool {
	select {
	case <-w.suspect:
	default:
		return true
	}
	for attempt := 1; ; attempt++ {
		w.Health.Beat()
		probing, cancel := context.WithTimeout(ctx, probeTimeout)
		err := w.Probe(probing)
		cancel()
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		w.Log.Warn("receiving paused: a dependency is down", "error", err.Error())
		if Sleep(ctx, Backoff(attempt, time.Second, 10*time.Second)) != nil {
			return false
		}
	}
}

// one works on a message and settles it.
func (w *Worker) one(work context.Context, message process.Message) {
	log := w.Log.With("message_id", message.ID, "trace_id", message.Trace.TraceID())
	working, cancel := context.WithTimeout(logging.Into(work, log), MessageDeadline)
	err := w.Handle(working, message)
	cancel()

	// Settling must still work when the work was abandoned.
	settling, cancel := context.WithTimeout(context.WithoutCancel(work), settleTimeout)
	defer cancel()
	var malformed *order.Malformed
	switch {
	case err == nil:
		err = w.Queue.Delete(settling, message)
	case errors.As(err, &malformed):
		log.Warn("order rejected", "reason", malformed.Reason)
		if err = w.Queue.Reject(settling, message, malformed.Reason); err == nil {
			err = w.Queue.Delete(settling, message)
		}
	case work.Err() != nil:
		log.Warn("order given back: the grace period is over")
		err = w.Queue.Delay(settling, message, 0)
	default:
		delay := Backoff(message.Deliveries, retryBase, retryLimit).Round(time.Second)
		log.Warn("order postponed", "error", err.Error(), "deliveries", message.Deliveries,
			"retry_in_seconds", delay.Seconds())
		select {
		case w.suspect <- struct{}{}:
		default:
		}
		err = w.Queue.Delay(settling, message, delay)
	}
	if err != nil {
		// The message comes back by itself once its visibility ends, and is then recognised.
		log.Warn("message not settled", "error", err.Error())
	}
}
