// Package config reads the service's settings from the environment, once, at the start.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"understudy.local/orders/internal/logging"
)

// Settings is everything that differs between two environments.
type Settings struct {
	AWSRegion string
	// AWSEndpointURL replaces AWS's own endpoints; empty in production.
	AWSEndpointURL     string
	OrdersQueueURL     string
	DeadLetterQueueURL string
	RepliesQueueURL    string
	ArchiveBucket      string
	DatabaseSecretARN  string
	// PricingAddress is host:port of the pricing service.
	PricingAddress string
	HTTPPort       int
	// Concurrency is how many orders are worked on at once.
	Concurrency int
	// ShutdownGrace is how long orders in flight may take after SIGTERM.
	ShutdownGrace time.Duration
	Tags          logging.Tags
}

// Load reads the settings. The error names every variable that is missing or wrong, in one line.
func Load(lookup func(string) (string, bool)) (Settings, error) {
	r := reader{lookup: lookup}
	settings := Settings{
		AWSRegion:          r.text("AWS_REGION"),
		AWSEndpointURL:     r.url("AWS_ENDPOINT_URL", false),
		OrdersQueueURL:     r.url("ORDERS_QUEUE_URL", true),
		DeadLetterQueueURL: r.url("ORDERS_DEAD_LETTER_QUEUE_URL", true),
		RepliesQueueURL:    r.url("REPLIES_QUEUE_URL", true),
		ArchiveBucket:      r.text("ARCHIVE_BUCKET"),
		DatabaseSecretARN:  r.text("DATABASE_SECRET_ARN"),
		PricingAddress:     r.address("PRICING_ADDRESS"),
		HTTPPort:           r.number("HTTP_PORT", 8080, 1, 65535),
		Concurrency:        r.number("ORDERS_CONCURRENCY", 8, 1, 256),
		ShutdownGrace:      time.Duration(r.number("SHUTDOWN_GRACE_SECONDS", 25, 1, 3600)) * time.Second,
		Tags: logging.Tags{
			Service:     r.optional("SERVICE_NAME", "orders"),
			Environment: r.optional("ENVIRONMENT", "unknown"),
			Release:     r.optional("RELEASE", "unknown"),
		},
	}
	if len(r.problems) > 0 {
		return Settings{}, errors.New("configuration: " + strings.Join(r.problems, "; "))
	}
	return settings, nil
}

type reader struct {
	lookup   func(string) (string, bool)
	problems []string
}

func (r *reader) optional(name, fallback string) string {
	if value, ok := r.lookup(name); ok && value != "" {
		return value
	}
	return fallback
}

func (r *reader) text(name string) string {
	value := r.optional(name, "")
	if value == "" {
		r.problems = append(r.problems, name+" is not set")
	}
	return value
}

func (r *reader) url(name string, required bool) string {
	value := r.optional(name, "")
	if value == "" {
		if required {
			r.problems = append(r.problems, name+" is not set")
		}
		return ""
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") {
		r.problems = append(r.problems, name+" is no http(s) URL")
	}
	return value
}

func (r *reader) address(name string) string {
	value := r.text(name)
	if value == "" {
		return ""
	}
	if host, port, err := net.SplitHostPort(value); err != nil || host == "" || port == "" {
		r.problems = append(r.problems, name+" is no host:port")
	}
	return value
}

func (r *reader) number(name string, fallback, low, high int) int {
	text := r.optional(name, strconv.Itoa(fallback))
	value, err := strconv.Atoi(text)
	if err != nil || value < low || value > high {
		r.problems = append(r.problems, fmt.Sprintf("%s must be a whole number from %d to %d", name, low, high))
		return fallback
	}
	return value
}
