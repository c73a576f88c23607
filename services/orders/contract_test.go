package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	ordersv1 "understudy.local/contracts/orders/v1"
	pricingv1 "understudy.local/contracts/pricing/v1"
)

var update = flag.Bool("update", false, "write the binary vectors anew from the JSON ones")

// The golden vectors that the Rust side reads too: both ends agree on the bytes, and the JSON means the same.
func TestTheVectorsHoldInJSONAndInBytes(t *testing.T) {
	for name, message := range map[string]proto.Message{
		"order_placed":    &ordersv1.OrderPlaced{},
		"order_confirmed": &ordersv1.OrderConfirmed{},
		"price_request":   &pricingv1.PriceRequest{},
		"price_response":  &pricingv1.PriceResponse{},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("..", "contracts", "vectors")
			text, err := os.ReadFile(filepath.Join(folder, name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := protojson.Unmarshal(text, message); err != nil {
				t.Fatal(err)
			}
			encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
			if err != nil {
				t.Fatal(err)
			}
			binary := filepath.Join(folder, name+".bin")
			if *update {
				if err := os.WriteFile(binary, encoded, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(binary)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(encoded, golden) {
				t.Errorf("encodes as %x, not as the vector %x", encoded, golden)
			}
			decoded := message.ProtoReflect().New().Interface()
			if err := proto.Unmarshal(golden, decoded); err != nil || !proto.Equal(decoded, message) {
				t.Errorf("the vector decodes as %v (%v), not as %v", decoded, err, message)
			}
		})
	}
}
