package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"understudy.local/orders/internal/cloud"
	"understudy.local/orders/internal/config"
	"understudy.local/orders/internal/health"
	"understudy.local/orders/internal/postgres"
	"understudy.local/orders/internal/pricing"
	"understudy.local/orders/internal/process"
	"understudy.local/orders/internal/worker"
)

// staleAfter is how long the worker may be silent before it counts as hung: many long polls.
const staleAfter = 2 * time.Minute

// run wires the service and works until ctx ends; then it drains within the grace period.
func run(ctx context.Context, settings config.Settings, log *slog.Logger) error {
	state := health.New(staleAfter)
	server, err := health.Serve(settings.HTTPPort, state, log)
	if err != nil {
		return fmt.Errorf("listen on HTTP_PORT: %w", err)
	}
	defer server.Close()

	services, err := cloud.New(ctx, settings.AWSRegion, settings.AWSEndpointURL)
	if err != nil {
		return fmt.Errorf("AWS configuration: %w", err)
	}
	database := postgres.NewPool(services.Secret(settings.DatabaseSecretARN), settings.Concurrency)
	defer database.Close()
	client, err := pricing.Dial(settings.PricingAddress)
	if err != nil {
		return fmt.Errorf("PRICING_ADDRESS: %w", err)
	}
	defer client.Close()

	if err := untilDone(ctx, state, log, "database not ready", database.Migrate); err != nil {
		return err
	}
	store := postgres.NewStore(database)
	handler := process.New(store, client, services.Archive(settings.ArchiveBucket),
		services.Replies(settings.RepliesQueueURL), time.Now)
	queue := services.Orders(settings.OrdersQueueURL, settings.DeadLetterQueueURL)
	return worker.New(worker.Options{
		Queue:       queue,
		Handle:      handler.Handle,
		Probe:       probes(database.Ping, client.Ping),
		Health:      state,
		Log:         log,
		Concurrency: settings.Concurrency,
		Grace:       settings.ShutdownGrace,
	}).Run(ctx)
}

// untilDone repeats a step of the start until it succeeds: what it needs may come up later than this process.
func untilDone(
	ctx context.Context, state *health.State, log *slog.Logger, what string, step func(context.Context) error,
) error {
	for attempt := 1; ; attempt++ {
		state.Beat()
		err := step(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		delay := worker.Backoff(attempt, time.Second, 15*time.Second)
		log.Warn(what, "error", err.Error(), "retry_in_seconds", delay.Seconds())
		if err := worker.Sleep(ctx, delay); err != nil {
			return err
		}
	}
}

func probes(all ...func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, probe := range all {
			if err := probe(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}
