// Package order holds the rules of one order: what a valid message is, and what is archived and replied. Pure.
package order

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"

	ordersv1 "understudy.local/contracts/orders/v1"
)

// Limits of a message; pricing has the same ones for its part.
const (
	MaxBytes    = 64 << 10
	MaxLines    = 100
	MaxQuantity = 10_000
	maxCustomer = 128
	maxReason   = 256
)

var (
	idPattern       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	skuPattern      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)
)

// Order is a message that passed every check.
type Order struct {
	ID         string
	CustomerID string
	Currency   string
	Lines      []Line
	PlacedAt   time.Time
}

// Line is one article of an order.
type Line struct {
	SKU      string
	Quantity int32
}

// Malformed says why a message can never become an order; Reason is one line.
type Malformed struct{ Reason string }

func (m *Malformed) Error() string { return m.Reason }

// Malformedf returns a Malformed whose reason is one printable line of at most 256 bytes.
func Malformedf(format string, args ...any) *Malformed {
	return &Malformed{Reason: oneLine(fmt.Sprintf(format, args...))}
}

// Parse reads the protojson of an OrderPlaced. The error is a *Malformed.
func Parse(body string) (Order, error) {
	if len(body) > MaxBytes {
		return Order{}, Malformedf("the message has %d bytes, more than %d", len(body), MaxBytes)
	}
	var message ordersv1.OrderPlaced
	// A newer producer may send fields that this release does not know yet.
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal([]byte(body), &message); err != nil {
		return Order{}, Malformedf("not an OrderPlaced in JSON: %v", err)
	}
	return check(&message)
}

func check(message *ordersv1.OrderPlaced) (Order, error) {
	switch {
	case message.GetOrderId() == "":
		return Order{}, Malformedf("order_id is missing")
	case !idPattern.MatchString(message.GetOrderId()):
		return Order{}, Malformedf("order_id is not 1 to 64 letters, digits, '-' and '_'")
	case message.GetCustomerId() == "":
		return Order{}, Malformedf("customer_id is missing")
	case !printable(message.GetCustomerId()) || utf8.RuneCountInString(message.GetCustomerId()) > maxCustomer:
		return Order{}, Malformedf("customer_id is not 1 to %d printable characters", maxCustomer)
	case message.GetCurrency() == "":
		return Order{}, Malformedf("currency is missing")
	case !currencyPattern.MatchString(message.GetCurrency()):
		return Order{}, Malformedf("currency %q is no ISO 4217 code", clip(message.GetCurrency()))
	case len(message.GetLines()) == 0:
		return Order{}, Malformedf("lines is missing")
	case len(message.GetLines()) > MaxLines:
		return Order{}, Malformedf("there are %d lines, more than %d", len(message.GetLines()), MaxLines)
	case message.GetPlacedAt() == nil:
		return Order{}, Malformedf("placed_at is missing")
	case message.GetPlacedAt().CheckValid() != nil:
		return Order{}, Malformedf("placed_at is no valid time")
	}
	lines := make([]Line, 0, len(message.GetLines()))
	for index, line := range message.GetLines() {
		if !skuPattern.MatchString(line.GetSku()) {
			return Order{}, Malformedf("lines[%d].sku is missing or no article number", index)
		}
		if line.GetQuantity() < 1 || line.GetQuantity() > MaxQuantity {
			return Order{}, Malformedf("lines[%d].quantity is %d, not 1 to %d", index, line.GetQuantity(), MaxQuantity)
		}
		lines = append(lines, Line{SKU: line.GetSku(), Quantity: line.GetQuantity()})
	}
	return Order{
		ID:         message.GetOrderId(),
		CustomerID: message.GetCustomerId(),
		Currency:   message.GetCurrency(),
		Lines:      lines,
		// The database keeps microseconds; cut here, so that first and later readings agree.
		PlacedAt: message.GetPlacedAt().AsTime().Truncate(time.Microsecond),
	}, nil
}

// Digest identifies the content: two messages with one id but different digests are different orders.
func (o Order) Digest() string {
	// The struct's own JSON, since protobuf promises no canonical encoding across releases.
	encoded, err := json.Marshal(o)
	if err != nil {
		panic(err) // strings, numbers and a time of a year that CheckValid let through always encode
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}

func printable(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

func clip(text string) string {
	if len(text) > 16 {
		return strings.ToValidUTF8(text[:16], "") + "…"
	}
	return text
}

func oneLine(text string) string {
	// Queue attributes take no control characters, and protobuf's errors hold no-break spaces.
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason-3], "") + "…"
	}
	return text
}
