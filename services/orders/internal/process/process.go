// Package process turns one message into a stored, archived and confirmed order, whatever happens in between.
//
// Each step is guarded by what is already stored, so a redelivered message goes on where the last attempt
// stopped and a duplicate finds nothing to do:
//
//  1. priced, then stored: one row per order id; whoever inserts first decides the prices for all;
//  2. archived: written only if the key does not exist, with bytes that follow from the row;
//  3. replied: sent while the row is locked, and recorded in the same transaction;
//  4. the message is deleted by the caller.
//
// The one gap that no ordering closes is a crash after the queue took the reply and before the transaction is
// committed: the redelivered message then sends the same bytes again, with the same deduplication id on a FIFO
// queue.
package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"understudy.local/orders/internal/logging"
	"understudy.local/orders/internal/order"
	"understudy.local/orders/internal/trace"
)

// Message is one delivery from the orders queue.
type Message struct {
	ID            string
	Body          string
	Correlation   string
	Trace         trace.Parent
	ReceiptHandle string
	// Deliveries counts how often the queue handed this message out, this time included.
	Deliveries int
}

// Store keeps orders. Find returns nil when there is none. Insert stores the record unless there is one of that
// id, and returns what is stored. ReplyOnce calls send while no one else can, unless a reply is recorded, and
// records it; it says whether send was called.
type Store interface {
	Find(ctx context.Context, orderID string) (*order.Record, error)
	Insert(ctx context.Context, record order.Record) (*order.Record, error)
	MarkArchived(ctx context.Context, orderID string) error
	ReplyOnce(ctx context.Context, orderID string, send func(context.Context) error) (bool, error)
}

// Pricer quotes an order. An order that can never be priced gives a *order.Malformed.
type Pricer interface {
	Price(ctx context.Context, o order.Order, parent trace.Parent, correlation string) (order.Quote, error)
}

// Archive stores an object unless its key exists.
type Archive interface {
	PutNew(ctx context.Context, key string, body []byte) error
}

// Replies sends a confirmation.
type Replies interface {
	Send(ctx context.Context, reply Reply) error
}

// Reply is a confirmation on its way.
type Reply struct {
	OrderID     string
	Correlation string
	Trace       trace.Parent
	Body        []byte
}

// Handler processes messages; safe for concurrent use.
type Handler struct {
	store   Store
	pricer  Pricer
	archive Archive
	replies Replies
	now     func() time.Time
}

// New returns a Handler.
func New(store Store, pricer Pricer, archive Archive, replies Replies, now func() time.Time) *Handler {
	return &Handler{store: store, pricer: pricer, archive: archive, replies: replies, now: now}
}

// Handle processes one message. Nil: the message can go. A *order.Malformed: it can never succeed. Any other
// error: a later attempt may succeed.
func (h *Handler) Handle(ctx context.Context, message Message) error {
	parsed, err := order.Parse(message.Body)
	if err != nil {
		return err
	}
	if message.Correlation == "" {
		message.Correlation = parsed.ID
	}
	ctx = logging.Into(ctx, logging.From(ctx).With("order_id", parsed.ID, "correlation_id", message.Correlation))
	record, err := h.stored(ctx, parsed, message)
	if err != nil {
		return err
	}
	if record.Archived && record.Replied {
		logging.From(ctx).Info("duplicate order ignored")
		return nil
	}
	body, err := record.Confirmation()
	if err != nil {
		return fmt.Errorf("encode the confirmation: %w", err)
	}
	if err := h.archived(ctx, record, body); err != nil {
		return err
	}
	sent, err := h.store.ReplyOnce(ctx, parsed.ID, func(ctx context.Context) error {
		return h.replies.Send(ctx, Reply{
			OrderID: parsed.ID, Correlation: message.Correlation, Trace: message.Trace, Body: body,
		})
	})
	if err != nil {
		return fmt.Errorf("reply: %w", err)
	}
	logging.From(ctx).Info("order confirmed", "total_minor", record.Quote.TotalMinor,
		"currency", record.Order.Currency, "reply_sent", sent)
	return nil
}

// stored returns the order's record, pricing and storing the order if there is none.
func (h *Handler) stored(ctx context.Context, parsed order.Order, message Message) (*order.Record, error) {
	digest := parsed.Digest()
	record, err := h.store.Find(ctx, parsed.ID)
	if err != nil {
		return nil, fmt.Errorf("look the order up: %w", err)
	}
	if record == nil {
		quote, err := h.pricer.Price(ctx, parsed, message.Trace, message.Correlation)
		var malformed *order.Malformed
		if errors.As(err, &malformed) {
			return nil, malformed
		}
		if err != nil {
			return nil, fmt.Errorf("price: %w", err)
		}
		quote.PricedAt = h.now().UTC().Truncate(time.Microsecond)
		record, err = h.store.Insert(ctx, order.Record{Order: parsed, Quote: quote, Digest: digest})
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
	}
	if record.Digest != digest {
		return nil, order.Malformedf("order_id %s already stands for a different order", parsed.ID)
	}
	return record, nil
}

func (h *Handler) archived(ctx context.Context, record *order.Record, body []byte) error {
	if record.Archived {
		return nil
	}
	if err := h.archive.PutNew(ctx, record.ArchiveKey(), body); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if err := h.store.MarkArchived(ctx, record.Order.ID); err != nil {
		return fmt.Errorf("record the archiving: %w", err)
	}
	return nil
}
