package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"understudy.local/orders/internal/order"
)

// Store keeps orders; it implements process.Store.
type Store struct{ pool *Pool }

// NewStore returns a store over the pool, whose database must be migrated.
func NewStore(pool *Pool) *Store { return &Store{pool: pool} }

// Find returns the order's record, or nil.
func (s *Store) Find(ctx context.Context, orderID string) (record *order.Record, err error) {
	err = s.pool.with(ctx, func(connection *pgxpool.Conn) error {
		record, err = find(ctx, connection.Conn(), orderID)
		return err
	})
	return record, err
}

// Insert stores the record unless the order is there already, and returns what is stored.
func (s *Store) Insert(ctx context.Context, record order.Record) (stored *order.Record, err error) {
	err = s.pool.with(ctx, func(connection *pgxpool.Conn) error {
		err := pgx.BeginFunc(ctx, connection, func(tx pgx.Tx) error { return insert(ctx, tx, record) })
		if err != nil {
			return err
		}
		stored, err = find(ctx, connection.Conn(), record.Order.ID)
		if err == nil && stored == nil {
			err = errors.New("the order vanished after it was stored")
		}
		return err
	})
	return stored, err
}

// MarkArchived records that the order's object exists.
func (s *Store) MarkArchived(ctx context.Context, orderID string) error {
	return s.pool.with(ctx, func(connection *pgxpool.Conn) error {
		_, err := connection.Exec(ctx,
			"UPDATE orders SET archived_at = now() WHERE order_id = $1 AND archived_at IS NULL", orderID)
		return err
	})
}

// ReplyOnce calls send while the row is locked and records the reply in the same transaction. A second worker
// with the same order waits for the lock, and then finds the reply recorded.
func (s *Store) ReplyOnce(
	ctx context.Context, orderID string, send func(context.Context) error,
) (sent bool, err error) {
	err = s.pool.with(ctx, func(connection *pgxpool.Conn) error {
		return pgx.BeginFunc(ctx, connection, func(tx pgx.Tx) error {
			var replied bool
			row := tx.QueryRow(ctx, "SELECT replied_at IS NOT NULL FROM orders WHERE order_id = $1 FOR UPDATE", orderID)
			if err := row.Scan(&replied); err != nil || replied {
				return err
			}
			// The record first: what can fail should fail before the reply is out.
			if _, err := tx.Exec(ctx, "UPDATE orders SET replied_at = now() WHERE order_id = $1", orderID); err != nil {
				return err
			}
			sent = true
			return send(ctx)
		})
	})
	return sent && err == nil, err
}

func insert(ctx context.Context, tx pgx.Tx, record order.Record) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO orders (order_id, customer_id, currency, digest, total_minor, catalogue_version, placed_at, priced_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (order_id) DO NOTHING`,
		record.Order.ID, record.Order.CustomerID, record.Order.Currency, record.Digest, record.Quote.TotalMinor,
		record.Quote.CatalogueVersion, record.Order.PlacedAt, record.Quote.PricedAt)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	rows := make([][]any, len(record.Order.Lines))
	for position, line := range record.Order.Lines {
		quoted := record.Quote.Lines[position]
		rows[position] = []any{
			record.Order.ID, position, line.SKU, line.Quantity, quoted.UnitPriceMinor, quoted.LineTotalMinor,
		}
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"order_lines"},
		[]string{"order_id", "position", "sku", "quantity", "unit_price_minor", "line_total_minor"},
		pgx.CopyFromRows(rows))
	return err
}

func find(ctx context.Context, connection *pgx.Conn, orderID string) (*order.Record, error) {
	record := order.Record{Order: order.Order{ID: orderID}}
	err := connection.QueryRow(ctx, `
		SELECT customer_id, currency, digest, total_minor, catalogue_version, placed_at, priced_at,
		       archived_at IS NOT NULL, replied_at IS NOT NULL
		FROM orders WHERE order_id = $1`, orderID).Scan(
		&record.Order.CustomerID, &record.Order.Currency, &record.Digest, &record.Quote.TotalMinor,
		&record.Quote.CatalogueVersion, &record.Order.PlacedAt, &record.Quote.PricedAt,
		&record.Archived, &record.Replied)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := connection.Query(ctx, `
		SELECT sku, quantity, unit_price_minor, line_total_minor
		FROM order_lines WHERE order_id = $1 ORDER BY position`, orderID)
	if err != nil {
		return nil, err
	}
	var line order.Line
	var quoted order.QuotedLine
	_, err = pgx.ForEachRow(rows, []any{&line.SKU, &line.Quantity, &quoted.UnitPriceMinor, &quoted.LineTotalMinor},
		func() error {
			record.Order.Lines = append(record.Order.Lines, line)
			record.Quote.Lines = append(record.Quote.Lines, quoted)
			return nil
		})
	return &record, err
}
