package config

import (
	"maps"
	"strings"
	"testing"
	"time"
)

var complete = map[string]string{
	"AWS_REGION": "eu-central-1", "ORDERS_QUEUE_URL": "https://q/1", "ORDERS_DEAD_LETTER_QUEUE_URL": "https://q/2",
	"REPLIES_QUEUE_URL": "https://q/3", "ARCHIVE_BUCKET": "b", "DATABASE_SECRET_ARN": "arn:x",
	"PRICING_ADDRESS": "pricing:50051",
}

func load(changes map[string]string) (Settings, error) {
	values := maps.Clone(complete)
	maps.Copy(values, changes)
	return Load(func(name string) (string, bool) { value, ok := values[name]; return value, ok })
}

func TestWhatIsRequiredSuffices(t *testing.T) {
	settings, err := load(nil)
	if err != nil || settings.HTTPPort != 8080 || settings.ShutdownGrace != 25*time.Second ||
		settings.Tags.Service != "orders" {
		t.Errorf("%+v, %v", settings, err)
	}
}

func TestOneLineNamesWhateverIsWrong(t *testing.T) {
	for name := range complete {
		if _, err := load(map[string]string{name: ""}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	_, err := load(map[string]string{
		"HTTP_PORT": "0", "PRICING_ADDRESS": "pricing", "ORDERS_QUEUE_URL": "queue", "SHUTDOWN_GRACE_SECONDS": "soon",
		"AWS_ENDPOINT_URL": "ftp://x",
	})
	for _, name := range []string{
		"HTTP_PORT", "PRICING_ADDRESS", "ORDERS_QUEUE_URL", "SHUTDOWN_GRACE_SECONDS", "AWS_ENDPOINT_URL",
	} {
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
