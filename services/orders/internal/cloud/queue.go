package cloud

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"understudy.local/orders/internal/process"
	"understudy.local/orders/internal/trace"
	"understudy.local/orders/internal/worker"
)

const (
	// maxRejected leaves room for the attributes within the smallest limit that a queue may have by default.
	maxRejected = 240 << 10

	attributeCorrelation = "correlation"
	attributeTrace       = "traceparent"
)

// MessageQueue is the part of SQS's client that the queues use.
type MessageQueue interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	ChangeMessageVisibility(
		context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options),
	) (*sqs.ChangeMessageVisibilityOutput, error)
}

// Orders is the incoming queue with its dead-letter queue; it implements worker.Queue.
type Orders struct {
	client     MessageQueue
	url        string
	deadLetter string
}

// Orders returns the incoming queue.
func (c *Cloud) Orders(url, deadLetterURL string) *Orders {
	return &Orders{client: c.sqs, url: url, deadLetter: deadLetterURL}
}

// Receive waits up to wait, in whole seconds and at least one, for messages and returns at most limit, which is at
// most 10.
func (o *Orders) Receive(ctx context.Context, limit int, wait time.Duration) ([]process.Message, error) {
	// The SDK leaves a wait of zero out of the request, and the queue then waits as long as it is set to by itself.
	wait = max(wait, time.Second)
	ctx, cancel := context.WithTimeout(ctx, wait+callTimeout)
	defer cancel()
	answer, err := o.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(o.url),
		MaxNumberOfMessages:         int32(limit),
		WaitTimeSeconds:             int32(wait / time.Second),
		VisibilityTimeout:           int32(worker.Visibility / time.Second),
		MessageAttributeNames:       []string{attributeCorrelation, attributeTrace},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, err
	}
	messages := make([]process.Message, 0, len(answer.Messages))
	for _, message := range answer.Messages {
		deliveries, _ := strconv.Atoi(message.Attributes["ApproximateReceiveCount"])
		messages = append(messages, process.Message{
			ID:            aws.ToString(message.MessageId),
			Body:          aws.ToString(message.Body),
			Correlation:   text(message.MessageAttributes, attributeCorrelation),
			Trace:         trace.OrNew(text(message.MessageAttributes, attributeTrace)),
			ReceiptHandle: aws.ToString(message.ReceiptHandle),
			Deliveries:    max(deliveries, 1),
		})
	}
	return messages, nil
}

// Delete removes a message for good.
func (o *Orders) Delete(ctx context.Context, message process.Message) error {
	_, err := o.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{
		QueueUrl: aws.String(o.url), ReceiptHandle: aws.String(message.ReceiptHandle),
	})
	return err
}

// Delay hands the message out again after delay; the queue's redrive policy ends that in time.
func (o *Orders) Delay(ctx context.Context, message process.Message, delay time.Duration) error {
	_, err := o.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: aws.String(o.url), ReceiptHandle: aws.String(message.ReceiptHandle),
		VisibilityTimeout: int32(delay / time.Second),
	})
	return err
}

// Reject copies the message to the dead-letter queue with attributes that say why and from where. A body that
// leaves no room for them is cut, and its true size noted.
func (o *Orders) Reject(ctx context.Context, message process.Message, reason string) error {
	attributes := map[string]types.MessageAttributeValue{
		"reason":       stringValue(reason),
		"source":       stringValue(o.url),
		"message_id":   stringValue(message.ID),
		attributeTrace: stringValue(string(message.Trace)),
	}
	if message.Correlation != "" {
		attributes[attributeCorrelation] = stringValue(message.Correlation)
	}
	body := message.Body
	if len(body) > maxRejected {
		attributes["original_bytes"] = stringValue(strconv.Itoa(len(body)))
		body = strings.ToValidUTF8(body[:maxRejected], "")
	}
	input := &sqs.SendMessageInput{
		QueueUrl: aws.String(o.deadLetter), MessageBody: aws.String(body), MessageAttributes: attributes,
	}
	inOrder(input, message.ID)
	_, err := o.client.SendMessage(ctx, input)
	return err
}

// Replies is the outgoing queue; it implements process.Replies.
type Replies struct {
	client MessageQueue
	url    string
}

// Replies returns the outgoing queue.
func (c *Cloud) Replies(url string) *Replies { return &Replies{client: c.sqs, url: url} }

// Send puts a confirmation on the queue.
func (r *Replies) Send(ctx context.Context, reply process.Reply) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	input := &sqs.SendMessageInput{
		QueueUrl: aws.String(r.url), MessageBody: aws.String(string(reply.Body)),
		MessageAttributes: map[string]types.MessageAttributeValue{
			attributeCorrelation: stringValue(reply.Correlation),
			attributeTrace:       stringValue(string(reply.Trace)),
		},
	}
	inOrder(input, reply.OrderID)
	_, err := r.client.SendMessage(ctx, input)
	return err
}

// inOrder adds what a FIFO queue asks for; sending the same id again within five minutes then changes nothing.
func inOrder(input *sqs.SendMessageInput, id string) {
	if strings.HasSuffix(aws.ToString(input.QueueUrl), ".fifo") {
		input.MessageGroupId, input.MessageDeduplicationId = aws.String(id), aws.String(id)
	}
}

func stringValue(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
}

func text(attributes map[string]types.MessageAttributeValue, name string) string {
	return aws.ToString(attributes[name].StringValue)
}
