// Command orders takes order messages from a queue, has them priced, stores and archives them, and replies.
//
// Its whole configuration comes from the environment (package config); it exits with 0 after an orderly stop,
// 2 when the configuration is wrong and 1 when anything else ended it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"understudy.local/orders/internal/config"
	"understudy.local/orders/internal/logging"
)

const (
	exitFailed        = 1
	exitConfiguration = 2
)

func main() {
	settings, err := config.Load(os.LookupEnv)
	if err != nil {
		fmt.Fprintf(os.Stderr, "orders: %v\n", err)
		os.Exit(exitConfiguration)
	}
	log := logging.New(os.Stdout, settings.Tags)
	slog.SetDefault(log)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, settings, log); err != nil && !errors.Is(err, context.Canceled) {
		log.Error("stopped", "error", err.Error())
		os.Exit(exitFailed)
	}
	log.Info("stopped")
}
