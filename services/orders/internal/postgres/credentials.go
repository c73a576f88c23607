package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// credentialsAge is how long a secret is used before it is read again for new connections. A rotation leaves the
// version before valid until the next one, so what is remembered for that long is never refused for its age.
const credentialsAge = time.Minute

// Secret returns the current text of the database's secret.
type Secret func(ctx context.Context) (string, error)

// credentials turns the secret into connection settings and remembers them for a while.
type credentials struct {
	secret Secret

	mu     sync.Mutex
	config *pgx.ConnConfig
	read   time.Time
}

func (c *credentials) get(ctx context.Context) (*pgx.ConnConfig, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.config != nil && time.Since(c.read) < credentialsAge {
		return c.config.Copy(), nil
	}
	text, err := c.secret(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the database secret: %w", err)
	}
	config, err := parseSecret(text)
	if err != nil {
		return nil, fmt.Errorf("database secret: %w", err)
	}
	c.config, c.read = config, time.Now()
	return config.Copy(), nil
}

// forget makes the next get read the secret again.
func (c *credentials) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.config = nil
}

type secretDocument struct {
	Engine   string `json:"engine"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Database string `json:"dbname"`
	User     string `json:"username"`
	Password string `json:"password"`
	SSLMode  string `json:"sslmode"`
	// CA is a PEM bundle that the server's certificate must descend from; optional.
	CA string `json:"ca"`
}

// parseSecret never quotes the secret in its errors.
func parseSecret(text string) (*pgx.ConnConfig, error) {
	var document secretDocument
	if json.Unmarshal([]byte(text), &document) != nil {
		return nil, errors.New("not the JSON object that is expected")
	}
	switch {
	case document.Engine != "" && document.Engine != "postgres":
		return nil, errors.New("engine is not postgres")
	case document.Host == "" || document.Database == "" || document.User == "" || document.Password == "":
		return nil, errors.New("host, dbname, username or password is missing")
	case document.Port < 1 || document.Port > 65535:
		return nil, errors.New("port is missing or out of range")
	}
	if document.SSLMode == "" {
		document.SSLMode = "require"
	}
	address := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(document.User, document.Password),
		Host:     net.JoinHostPort(document.Host, strconv.Itoa(document.Port)),
		Path:     "/" + document.Database,
		RawQuery: url.Values{"sslmode": {document.SSLMode}, "connect_timeout": {"5"}}.Encode(),
	}
	config, err := pgx.ParseConfig(address.String())
	if err != nil {
		return nil, errors.New("its values make no valid connection settings")
	}
	if document.CA != "" && document.SSLMode != "disable" {
		if config.TLSConfig, err = privateTLS(document); err != nil {
			return nil, err
		}
		config.Fallbacks = nil
	}
	return config, nil
}

// privateTLS follows libpq: with a root certificate, require means verify-ca; only verify-full checks the name.
func privateTLS(document secretDocument) (*tls.Config, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(document.CA)) {
		return nil, errors.New("ca holds no PEM certificate")
	}
	if document.SSLMode == "verify-full" {
		return &tls.Config{RootCAs: roots, ServerName: document.Host, MinVersion: tls.VersionTLS12}, nil
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // the chain is checked below, the name is not
		VerifyConnection: func(state tls.ConnectionState) error {
			intermediates := x509.NewCertPool()
			for _, certificate := range state.PeerCertificates[1:] {
				intermediates.AddCert(certificate)
			}
			_, err := state.PeerCertificates[0].Verify(
				x509.VerifyOptions{Roots: roots, Intermediates: intermediates})
			return err
		},
	}, nil
}
