package worker

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff returns how long to wait before the next attempt: base doubled for each attempt after the first, at
// most limit, less up to a fifth of it by chance so that workers don't retry in step.
func Backoff(attempt int, base, limit time.Duration) time.Duration {
	delay := base
	for step := 1; step < attempt && delay < limit; step++ {
		delay *= 2
	}
	delay = min(delay, limit)
	return delay - rand.N(delay/5+1)
}

// Sleep waits, or returns ctx's error as soon as ctx ends.
func Sleep(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
