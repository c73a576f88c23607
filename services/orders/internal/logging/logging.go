// Package logging writes one JSON object per line to standard output, with the fields that both services share:
// ts, level, msg, service, environment, release; per order also order_id, trace_id and correlation_id.
package logging

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Tags are on every line.
type Tags struct {
	Service     string
	Environment string
	Release     string
}

type key struct{}

// New returns a logger that writes to w.
func New(w io.Writer, tags Tags) *slog.Logger {
	handler := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: rename})
	return slog.New(handler).With(
		"service", tags.Service, "environment", tags.Environment, "release", tags.Release)
}

// Into returns a context that carries the logger.
func Into(ctx context.Context, log *slog.Logger) context.Context {
	return context.WithValue(ctx, key{}, log)
}

// From returns the context's logger, or the default one.
func From(ctx context.Context) *slog.Logger {
	if log, ok := ctx.Value(key{}).(*slog.Logger); ok {
		return log
	}
	return slog.Default()
}

func rename(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attr
	}
	switch attr.Key {
	case slog.TimeKey:
		return slog.String("ts", attr.Value.Time().UTC().Format(time.RFC3339Nano))
	case slog.LevelKey:
		return slog.String("level", strings.ToLower(attr.Value.String()))
	}
	return attr
}
