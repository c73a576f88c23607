package order

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	ordersv1 "understudy.local/contracts/orders/v1"
)

// Quote is what pricing answered. Amounts are in minor units of the order's currency.
type Quote struct {
	Lines            []QuotedLine
	TotalMinor       int64
	CatalogueVersion string
	PricedAt         time.Time
}

// QuotedLine prices the order's line of the same position.
type QuotedLine struct {
	UnitPriceMinor int64
	LineTotalMinor int64
}

// Record is an order as it is stored.
type Record struct {
	Order    Order
	Quote    Quote
	Digest   string
	Archived bool
	Replied  bool
}

// ArchiveKey returns the key of the archived object, for example "orders/2026/11/23/o-1.json"; the date is that
// of placed_at in UTC, so that every delivery of a message means the same object.
func (r Record) ArchiveKey() string {
	return fmt.Sprintf("orders/%s/%s.json", r.Order.PlacedAt.UTC().Format("2006/01/02"), r.Order.ID)
}

// Confirmation returns the protojson that is both archived and replied; the same record gives the same bytes.
func (r Record) Confirmation() ([]byte, error) {
	message := &ordersv1.OrderConfirmed{
		OrderId:          r.Order.ID,
		CustomerId:       r.Order.CustomerID,
		Currency:         r.Order.Currency,
		TotalMinor:       r.Quote.TotalMinor,
		PlacedAt:         timestamppb.New(r.Order.PlacedAt),
		PricedAt:         timestamppb.New(r.Quote.PricedAt),
		CatalogueVersion: r.Quote.CatalogueVersion,
		ArchiveKey:       r.ArchiveKey(),
	}
	for position, line := range r.Order.Lines {
		quoted := r.Quote.Lines[position]
		message.Lines = append(message.Lines, &ordersv1.ConfirmedLine{
			Sku: line.SKU, Quantity: line.Quantity,
			UnitPriceMinor: quoted.UnitPriceMinor, LineTotalMinor: quoted.LineTotalMinor,
		})
	}
	encoded, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(message)
	if err != nil {
		return nil, err
	}
	// protojson varies its spacing on purpose.
	var compact bytes.Buffer
	if err := json.Compact(&compact, encoded); err != nil {
		return nil, err
	}
	return compact.Bytes(), nil
}
