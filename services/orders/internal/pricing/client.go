// Package pricing calls the pricing service.
package pricing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pricingv1 "understudy.local/contracts/pricing/v1"

	"understudy.local/orders/internal/order"
	"understudy.local/orders/internal/trace"
)

const callTimeout = 5 * time.Second

// A quote changes nothing, so it may be asked for again while a pod is being replaced.
const retries = `{"methodConfig": [{"name": [{"service": "understudy.pricing.v1.Pricing"}], "retryPolicy": {
	"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
	"retryableStatusCodes": ["UNAVAILABLE"]}}]}`

// Client is a connection to the service; safe for concurrent use.
type Client struct {
	connection *grpc.ClientConn
	pricing    pricingv1.PricingClient
	health     healthv1.HealthClient
}

// Dial returns a client of host:port; it connects at the first call.
func Dial(address string) (*Client, error) {
	connection, err := grpc.NewClient("dns:///"+address,
		// Inside the cluster's network; a mesh or a network policy is what guards this hop.
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(retries))
	if err != nil {
		return nil, err
	}
	return &Client{connection, pricingv1.NewPricingClient(connection), healthv1.NewHealthClient(connection)}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.connection.Close() }

// Ping returns nil when the service is there and serving.
func (c *Client) Ping(ctx context.Context) error {
	answer, err := c.health.Check(ctx, &healthv1.HealthCheckRequest{Service: "understudy.pricing.v1.Pricing"})
	if err != nil {
		return fmt.Errorf("pricing: %w", err)
	}
	if answer.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		return fmt.Errorf("pricing: %s", answer.GetStatus())
	}
	return nil
}

// Price quotes an order. The error is a *order.Malformed when the order can never be priced.
func (c *Client) Price(
	ctx context.Context, o order.Order, parent trace.Parent, correlation string,
) (order.Quote, error) {
	request := &pricingv1.PriceRequest{Currency: o.Currency}
	for _, line := range o.Lines {
		request.Lines = append(request.Lines,
			&pricingv1.PriceRequestLine{Sku: line.SKU, Quantity: uint32(line.Quantity)})
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", string(parent), "correlation-id", ascii(correlation))
	answer, err := c.pricing.Price(ctx, request, grpc.WaitForReady(true))
	if status.Code(err) == codes.InvalidArgument {
		return order.Quote{}, order.Malformedf("pricing refused the order: %s", status.Convert(err).Message())
	}
	if err != nil {
		return order.Quote{}, err
	}
	return quote(o, answer)
}

// quote checks that the answer is one to this order before anybody is charged by it.
func quote(o order.Order, answer *pricingv1.PriceResponse) (order.Quote, error) {
	if answer.GetCurrency() != o.Currency || len(answer.GetLines()) != len(o.Lines) {
		return order.Quote{}, errors.New("pricing answered for another order")
	}
	result := order.Quote{TotalMinor: answer.GetTotalMinor(), CatalogueVersion: answer.GetCatalogueVersion()}
	var total int64
	for position, line := range answer.GetLines() {
		asked := o.Lines[position]
		if line.GetSku() != asked.SKU || int64(line.GetQuantity()) != int64(asked.Quantity) {
			return order.Quote{}, fmt.Errorf("pricing answered another line at position %d", position)
		}
		total += line.GetLineTotalMinor()
		result.Lines = append(result.Lines, order.QuotedLine{
			UnitPriceMinor: line.GetUnitPriceMinor(), LineTotalMinor: line.GetLineTotalMinor(),
		})
	}
	if total != result.TotalMinor {
		return order.Quote{}, fmt.Errorf("pricing's total %d is not the sum %d of its lines", result.TotalMinor, total)
	}
	return result, nil
}

// ascii keeps what a metadata value may hold.
func ascii(text string) string {
	kept := make([]byte, 0, len(text))
	for index := range len(text) {
		if character := text[index]; character >= 0x20 && character < 0x7f {
			kept = append(kept, character)
		}
	}
	return string(kept)
}
