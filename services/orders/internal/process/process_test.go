package process

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"understudy.local/orders/internal/order"
	"understudy.local/orders/internal/trace"
)

const body = `{"order_id":"o-1","customer_id":"c-1","currency":"EUR",
	"lines":[{"sku":"MUG-BLUE","quantity":2}],"placed_at":"2026-11-23T10:00:00Z"}`

const otherBody = `{"order_id":"o-1","customer_id":"c-1","currency":"EUR",
	"lines":[{"sku":"MUG-BLUE","quantity":3}],"placed_at":"2026-11-23T10:00:00Z"}`

var errDown = errors.New("down")

// world is every dependency at once; fail names the step that fails next, before or after it took effect.
type world struct {
	mu      sync.Mutex
	replyMu sync.Mutex
	rows    map[string]order.Record
	objects map[string]string
	replies []Reply
	priced  int
	fail    string
}

func newWorld() *world {
	return &world{rows: map[string]order.Record{}, objects: map[string]string{}}
}

func (w *world) handler() *Handler {
	return New(w, w, w, w, func() time.Time { return time.Date(2026, 11, 23, 10, 0, w.priced, 0, time.UTC) })
}

func (w *world) step(name string, effect func()) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail == "before "+name {
		return errDown
	}
	effect()
	if w.fail == "after "+name {
		return errDown
	}
	return nil
}

func (w *world) Find(_ context.Context, id string) (found *order.Record, err error) {
	err = w.step("find", func() {
		if record, ok := w.rows[id]; ok {
			found = &record
		}
	})
	return found, err
}

func (w *world) Insert(_ context.Context, record order.Record) (stored *order.Record, err error) {
	err = w.step("insert", func() {
		if _, ok := w.rows[record.Order.ID]; !ok {
			w.rows[record.Order.ID] = record
		}
		row := w.rows[record.Order.ID]
		stored = &row
	})
	return stored, err
}

func (w *world) MarkArchived(_ context.Context, id string) error {
	return w.step("mark", func() { row := w.rows[id]; row.Archived = true; w.rows[id] = row })
}

func (w *world) ReplyOnce(ctx context.Context, id string, send func(context.Context) error) (bool, error) {
	w.replyMu.Lock()
	defer w.replyMu.Unlock()
	if w.rows[id].Replied {
		return false, nil
	}
	if err := send(ctx); err != nil {
		return false, err
	}
	return true, w.step("record", func() { row := w.rows[id]; row.Replied = true; w.rows[id] = row })
}

func (w *world) Price(_ context.Context, o order.Order, _ trace.Parent, _ string) (quote order.Quote, err error) {
	if o.Currency == "XXX" {
		return quote, order.Malformedf("pricing refused the order: unknown currency")
	}
	err = w.step("price", func() {
		w.priced++
		quote = order.Quote{Lines: []order.QuotedLine{{UnitPriceMinor: 100, LineTotalMinor: 200}}, TotalMinor: 200, CatalogueVersion: "v"}
	})
	return quote, err
}

func (w *world) PutNew(_ context.Context, key string, content []byte) error {
	return w.step("archive", func() {
		if _, ok := w.objects[key]; !ok {
			w.objects[key] = string(content)
		}
	})
}

func (w *world) Send(_ context.Context, reply Reply) error {
	return w.step("send", func() { w.replies = append(w.replies, reply) })
}

func message(text string) Message {
	return Message{ID: "m", Body: text, Trace: trace.OrNew(""), Deliveries: 1}
}

func (w *world) mustBeComplete(t *testing.T, replies int) {
	t.Helper()
	record := w.rows["o-1"]
	if len(w.rows) != 1 || !record.Archived || !record.Replied {
		t.Errorf("rows: %+v", w.rows)
	}
	if len(w.objects) != 1 || w.objects["orders/2026/11/23/o-1.json"] == "" {
		t.Errorf("objects: %v", w.objects)
	}
	if len(w.replies) != replies {
		t.Errorf("%d replies, not %d", len(w.replies), replies)
	}
	for _, reply := range w.replies {
		if string(reply.Body) != w.objects["orders/2026/11/23/o-1.json"] || reply.Correlation != "o-1" {
			t.Errorf("reply %+v", reply)
		}
	}
}

func TestAnOrderIsStoredArchivedAndAnsweredOnce(t *testing.T) {
	w := newWorld()
	for range 3 { // the second and third are duplicates
		if err := w.handler().Handle(t.Context(), message(body)); err != nil {
			t.Fatal(err)
		}
	}
	w.mustBeComplete(t, 1)
	if w.priced != 1 {
		t.Errorf("priced %d times", w.priced)
	}
}

func TestARedeliveredMessageGoesOnWhereTheLastAttemptStopped(t *testing.T) {
	for _, at := range []string{"find", "price", "insert", "archive", "mark", "send", "record"} {
		for _, when := range []string{"before ", "after "} {
			t.Run(when+at, func(t *testing.T) {
				w := newWorld()
				w.fail = when + at
				if err := w.handler().Handle(t.Context(), message(body)); !errors.Is(err, errDown) {
					t.Fatalf("got %v", err)
				}
				w.fail = ""
				if err := w.handler().Handle(t.Context(), message(body)); err != nil {
					t.Fatal(err)
				}
				replies := 1
				if w.fail = when + at; w.fail == "after send" || w.fail == "before record" {
					replies = 2 // the documented gap: the queue took the reply, and that was not recorded
				}
				w.mustBeComplete(t, replies)
			})
		}
	}
}

func TestDuplicatesAtTheSameTimeAreOneOrder(t *testing.T) {
	w := newWorld()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := w.handler().Handle(t.Context(), message(body)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.mustBeComplete(t, 1)
}

func TestWhatCanNeverSucceedIsMalformedAndLeavesNothing(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":         "{",
		"unknown currency": `{"order_id":"o-1","customer_id":"c","currency":"XXX","lines":[{"sku":"A","quantity":1}],"placed_at":"2026-11-23T10:00:00Z"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			var malformed *order.Malformed
			if err := w.handler().Handle(t.Context(), message(text)); !errors.As(err, &malformed) {
				t.Errorf("got %v", err)
			}
			if len(w.rows)+len(w.objects)+len(w.replies) != 0 {
				t.Errorf("left %+v", w)
			}
		})
	}
}

func TestOneIDForTwoDifferentOrdersIsMalformed(t *testing.T) {
	w := newWorld()
	if err := w.handler().Handle(t.Context(), message(body)); err != nil {
		t.Fatal(err)
	}
	var malformed *order.Malformed
	if err := w.handler().Handle(t.Context(), message(otherBody)); !errors.As(err, &malformed) {
		t.Errorf("got %v", err)
	}
	w.mustBeComplete(t, 1)
}

func TestTheMessagesCorrelationIsEchoed(t *testing.T) {
	w := newWorld()
	incoming := message(body)
	incoming.Correlation = "basket-7"
	if err := w.handler().Handle(t.Context(), incoming); err != nil {
		t.Fatal(err)
	}
	if got := w.replies[0]; got.Correlation != "basket-7" || got.Trace != incoming.Trace {
		t.Errorf("reply %+v", got)
	}
}
