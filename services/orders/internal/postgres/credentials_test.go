package postgres

import (
	"context"
	"strings"
	"testing"
)

const document = `{"engine":"postgres","host":"db","port":5432,"dbname":"orders","username":"app",
	"password":"p@ss/w:rd %","sslmode":"require"}`

func TestTheSecretBecomesConnectionSettings(t *testing.T) {
	config, err := parseSecret(document)
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != "db" || config.Port != 5432 || config.User != "app" || config.Password != "p@ss/w:rd %" ||
		config.Database != "orders" || config.TLSConfig == nil {
		t.Errorf("%+v", config)
	}
	for _, fallback := range config.Fallbacks {
		if fallback.TLSConfig == nil {
			t.Error("falls back to a connection in clear")
		}
	}
}

func TestABadSecretIsRefusedWithoutQuotingIt(t *testing.T) {
	for _, bad := range []string{
		"p@ss", strings.Replace(document, "5432", "0", 1), strings.Replace(document, `"db"`, `""`, 1),
		strings.Replace(document, `"postgres"`, `"mysql"`, 1), strings.Replace(document, `"require"`, `"sometimes"`, 1),
		strings.Replace(document, `"require"`, `"require","ca":"p@ss"`, 1),
	} {
		if _, err := parseSecret(bad); err == nil || strings.Contains(err.Error(), "p@ss") {
			t.Errorf("%s gave %v", bad, err)
		}
	}
}

func TestTheSecretIsReadOnceUntilItIsForgotten(t *testing.T) {
	reads := 0
	c := &credentials{secret: func(context.Context) (string, error) { reads++; return document, nil }}
	for range 3 {
		if _, err := c.get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.forget()
	if _, err := c.get(t.Context()); err != nil || reads != 2 {
		t.Errorf("%d reads, %v", reads, err)
	}
}
