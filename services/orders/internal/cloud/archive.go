package cloud

import (
	"bytes"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// ObjectStore is the part of S3's client that an archive uses.
type ObjectStore interface {
	PutObject(ctx context.Context, input *s3.PutObjectInput, options ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Archive stores objects in one bucket; it implements process.Archive.
type Archive struct {
	store  ObjectStore
	bucket string
}

// Archive returns the archive in a bucket.
func (c *Cloud) Archive(bucket string) *Archive { return &Archive{store: c.s3, bucket: bucket} }

// PutNew stores an object unless the key exists, which counts as done: an attempt before this one wrote it, and
// a second write would leave a second version in a versioned bucket.
func (a *Archive) PutNew(ctx context.Context, key string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := a.store.PutObject(ctx, &s3.PutObjectInput{
		Bucket:      aws.String(a.bucket),
		Key:         aws.String(key),
		Body:        bytes.NewReader(body),
		ContentType: aws.String("application/json"),
		IfNoneMatch: aws.String("*"),
	})
	var failure smithy.APIError
	if errors.As(err, &failure) && failure.ErrorCode() == "PreconditionFailed" {
		return nil
	}
	return err
}
