package order

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const good = `{"order_id":"o-1","customer_id":"c-1","currency":"EUR",
	"lines":[{"sku":"MUG-BLUE","quantity":2}],"placed_at":"2026-11-23T23:59:59.123456789+02:00"}`

func vector(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "contracts", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAValidMessageIsRead(t *testing.T) {
	o, err := Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 11, 23, 21, 59, 59, 123456000, time.UTC)
	if o.ID != "o-1" || o.CustomerID != "c-1" || o.Currency != "EUR" || len(o.Lines) != 1 ||
		o.Lines[0] != (Line{"MUG-BLUE", 2}) || !o.PlacedAt.Equal(want) {
		t.Errorf("read %+v", o)
	}
}

func TestBothSpellingsAndFieldsOfANewerProducerAreAccepted(t *testing.T) {
	o, err := Parse(strings.ReplaceAll(strings.ReplaceAll(good, "order_id", "orderId"), `"currency"`, `"gift":true,"currency"`))
	if err != nil || o.ID != "o-1" {
		t.Errorf("read %+v, %v", o, err)
	}
}

func TestAMalformedMessageIsRefusedWithItsReason(t *testing.T) {
	replaced := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, test := range map[string]struct{ body, reason string }{
		"empty":               {"", "not an OrderPlaced in JSON"},
		"not JSON":            {"<order/>", "not an OrderPlaced in JSON"},
		"an array":            {"[]", "not an OrderPlaced in JSON"},
		"no fields":           {"{}", "order_id is missing"},
		"no order_id":         {replaced(`"o-1"`, `""`), "order_id is missing"},
		"order_id of a path":  {replaced(`"o-1"`, `"../x"`), "order_id is not"},
		"order_id too long":   {replaced(`"o-1"`, `"`+strings.Repeat("x", 65)+`"`), "order_id is not"},
		"no customer":         {replaced(`"c-1"`, `""`), "customer_id is missing"},
		"customer with NUL":   {replaced(`"c-1"`, `"c\u0000"`), "customer_id is not"},
		"customer too long":   {replaced(`"c-1"`, `"`+strings.Repeat("é", 129)+`"`), "customer_id is not"},
		"no currency":         {replaced(`"EUR"`, `""`), "currency is missing"},
		"currency in small":   {replaced(`"EUR"`, `"eur"`), `currency "eur" is no ISO`},
		"no lines":            {replaced(`[{"sku":"MUG-BLUE","quantity":2}]`, `[]`), "lines is missing"},
		"too many lines":      {replaced(`{"sku":"MUG-BLUE","quantity":2}`, strings.Repeat(`{"sku":"A","quantity":1},`, 100)+`{"sku":"A","quantity":1}`), "there are 101 lines"},
		"no sku":              {replaced(`"MUG-BLUE"`, `""`), "lines[0].sku"},
		"quantity 0":          {replaced(`:2}`, `:0}`), "lines[0].quantity is 0"},
		"negative quantity":   {replaced(`:2}`, `:-1}`), "lines[0].quantity is -1"},
		"quantity too large":  {replaced(`:2}`, `:10001}`), "lines[0].quantity is 10001"},
		"half a piece":        {replaced(`:2}`, `:1.5}`), "not an OrderPlaced in JSON"},
		"quantity overflows":  {replaced(`:2}`, `:4294967297}`), "not an OrderPlaced in JSON"},
		"no placed_at":        {replaced(`,"placed_at":"2026-11-23T23:59:59.123456789+02:00"`, ``), "placed_at is missing"},
		"placed_at no time":   {replaced(`2026-11-23T`, `yesterday`), "not an OrderPlaced in JSON"},
		"oversized":           {good + strings.Repeat(" ", MaxBytes), "more than 65536"},
		"a field given twice": {replaced(`{`, `{"order_id":"o-2",`), "not an OrderPlaced in JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(test.body)
			var malformed *Malformed
			if !errors.As(err, &malformed) || !strings.Contains(malformed.Reason, test.reason) {
				t.Errorf("got %v, not %q", err, test.reason)
			}
		})
	}
}

func FuzzAReasonIsOneShortPrintableLine(f *testing.F) {
	for _, body := range []string{good, "", "{", "\x00\xff", `{"order_id":"` + strings.Repeat("\u2028é", 300) + `"}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		o, err := Parse(body)
		if err == nil {
			if o.Digest() == "" {
				t.Error("a valid order without digest")
			}
			return
		}
		reason := Malformedf("%s: %s", err, body).Reason
		if reason == "" || len(reason) > 256 || strings.ContainsFunc(reason, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("reason %q", reason)
		}
	})
}

func TestTheDigestTellsDifferentContentApartAndNothingElse(t *testing.T) {
	parse := func(body string) Order {
		o, err := Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	first := parse(good)
	sameInstant := parse(strings.Replace(good, "23:59:59.123456789+02:00", "21:59:59.123456Z", 1))
	if first.Digest() != sameInstant.Digest() {
		t.Error("another spelling of the same order has another digest")
	}
	for old, new := range map[string]string{"c-1": "c-2", "EUR": "USD", "MUG": "MUX", ":2}": ":3}", "11-23": "11-22"} {
		if parse(strings.Replace(good, old, new, 1)).Digest() == first.Digest() {
			t.Errorf("%s for %s has the same digest", new, old)
		}
	}
}

func TestTheConfirmationIsThatOfTheVector(t *testing.T) {
	o, err := Parse(vector(t, "order_placed.json"))
	if err != nil {
		t.Fatal(err)
	}
	record := Record{Order: o, Quote: Quote{
		Lines:            []QuotedLine{{1150, 2300}, {245, 2450000}},
		TotalMinor:       2452300,
		CatalogueVersion: "0123456789ab",
		PricedAt:         time.Date(2026, 3, 1, 0, 0, 1, 500_000_000, time.UTC),
	}}
	got, err := record.Confirmation()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := record.Confirmation(); string(again) != string(got) {
		t.Error("the same record gave other bytes")
	}
	if want := vector(t, "order_confirmed.json"); normal(t, string(got)) != normal(t, want) {
		t.Errorf("got %s, not %s", got, want)
	}
}

func normal(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	encoded, _ := json.Marshal(value)
	return string(encoded)
}
