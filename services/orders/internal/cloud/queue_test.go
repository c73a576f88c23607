package cloud

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"understudy.local/orders/internal/process"
)

const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

type fakeSQS struct {
	MessageQueue
	answer *sqs.ReceiveMessageOutput
	sent   *sqs.SendMessageInput
}

func (f *fakeSQS) ReceiveMessage(
	context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options),
) (*sqs.ReceiveMessageOutput, error) {
	return f.answer, nil
}

func (f *fakeSQS) SendMessage(
	_ context.Context, input *sqs.SendMessageInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	f.sent = input
	return &sqs.SendMessageOutput{}, nil
}

func TestAReceivedMessageKeepsItsAttributes(t *testing.T) {
	fake := &fakeSQS{answer: &sqs.ReceiveMessageOutput{Messages: []types.Message{
		{
			MessageId: aws.String("m-1"), Body: aws.String("{}"), ReceiptHandle: aws.String("r"),
			Attributes: map[string]string{"ApproximateReceiveCount": "3"},
			MessageAttributes: map[string]types.MessageAttributeValue{
				"correlation": stringValue("basket-7"), "traceparent": stringValue(parent),
			},
		},
		{MessageId: aws.String("m-2"), Body: aws.String("{}")},
	}}}
	got, err := (&Orders{client: fake}).Receive(t.Context(), 10, 0)
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if got[0].Correlation != "basket-7" || string(got[0].Trace) != parent || got[0].Deliveries != 3 {
		t.Errorf("first %+v", got[0])
	}
	if got[1].Correlation != "" || len(got[1].Trace.TraceID()) != 32 || got[1].Deliveries != 1 {
		t.Errorf("second %+v", got[1])
	}
}

func TestARejectedMessageSaysWhyAndFromWhere(t *testing.T) {
	fake := &fakeSQS{}
	orders := &Orders{client: fake, url: "https://q/orders", deadLetter: "https://q/dead"}
	message := process.Message{ID: "m-1", Body: strings.Repeat("é", 200<<10), Trace: parent}
	if err := orders.Reject(t.Context(), message, "broken"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"reason": "broken", "source": "https://q/orders", "message_id": "m-1", "traceparent": parent,
		"original_bytes": "409600",
	} {
		if got := text(fake.sent.MessageAttributes, name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	if aws.ToString(fake.sent.QueueUrl) != "https://q/dead" || len(*fake.sent.MessageBody) > maxRejected {
		t.Errorf("sent %d bytes to %s", len(*fake.sent.MessageBody), *fake.sent.QueueUrl)
	}
}

func TestAReplyOnAFIFOQueueCanBeToldFromItsRepetition(t *testing.T) {
	for url, want := range map[string]string{"https://q/replies": "", "https://q/replies.fifo": "o-1"} {
		fake := &fakeSQS{}
		reply := process.Reply{OrderID: "o-1", Correlation: "c", Trace: parent, Body: []byte("{}")}
		if err := (&Replies{client: fake, url: url}).Send(t.Context(), reply); err != nil {
			t.Fatal(err)
		}
		if got := aws.ToString(fake.sent.MessageDeduplicationId); got != want {
			t.Errorf("%s: deduplication id %q", url, got)
		}
	}
}

type fakeS3 struct {
	err   error
	input *s3.PutObjectInput
}

func (f *fakeS3) PutObject(
	_ context.Context, input *s3.PutObjectInput, _ ...func(*s3.Options),
) (*s3.PutObjectOutput, error) {
	f.input = input
	return &s3.PutObjectOutput{}, f.err
}

func TestAnObjectThatExistsIsArchived(t *testing.T) {
	down := errors.New("down")
	for _, test := range []struct{ answer, want error }{
		{nil, nil},
		{&smithy.GenericAPIError{Code: "PreconditionFailed"}, nil},
		{down, down},
	} {
		fake := &fakeS3{err: test.answer}
		if err := (&Archive{store: fake, bucket: "b"}).PutNew(t.Context(), "k", nil); !errors.Is(err, test.want) {
			t.Errorf("%v gave %v", test.answer, err)
		}
		if aws.ToString(fake.input.IfNoneMatch) != "*" {
			t.Error("an existing object would be written over")
		}
	}
}
