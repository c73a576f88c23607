// Package postgres keeps orders in PostgreSQL, with credentials that are read when a connection is made.
package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Pool is a set of connections whose credentials may be rotated while it is in use.
type Pool struct {
	credentials *credentials
	size        int32

	mu   sync.Mutex
	pool *pgxpool.Pool
}

// NewPool returns a pool for the given number of concurrent users; it connects at the first use.
func NewPool(secret Secret, users int) *Pool {
	// One more than its users, so that a health check need not wait for them.
	return &Pool{credentials: &credentials{secret: secret}, size: int32(users) + 1}
}

// Close ends all connections.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pool != nil {
		p.pool.Close()
	}
}

// Ping returns nil when the database answers.
func (p *Pool) Ping(ctx context.Context) error {
	return p.with(ctx, func(connection *pgxpool.Conn) error { return connection.Ping(ctx) })
}

// with runs use with a connection. A refused login is tried once more with the secret as it is now.
func (p *Pool) with(ctx context.Context, use func(*pgxpool.Conn) error) error {
	pool, err := p.open(ctx)
	if err != nil {
		return err
	}
	connection, err := pool.Acquire(ctx)
	if refused(err) {
		p.credentials.forget()
		connection, err = pool.Acquire(ctx)
	}
	if err != nil {
		return err
	}
	defer connection.Release()
	return use(connection)
}

func (p *Pool) open(ctx context.Context) (*pgxpool.Pool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pool != nil {
		return p.pool, nil
	}
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	config.MaxConns = p.size
	config.MinConns = 0
	config.MaxConnIdleTime = 5 * time.Minute
	config.BeforeConnect = func(ctx context.Context, target *pgx.ConnConfig) error {
		current, err := p.credentials.get(ctx)
		if err == nil {
			*target = *current
		}
		return err
	}
	// Not the caller's context: the pool outlives the call.
	p.pool, err = pgxpool.NewWithConfig(context.WithoutCancel(ctx), config)
	return p.pool, err
}

// refused tells a login that failed for its credentials: invalid_password, invalid_authorization_specification.
func refused(err error) bool {
	var reply *pgconn.PgError
	return errors.As(err, &reply) && (reply.Code == "28P01" || reply.Code == "28000")
}
