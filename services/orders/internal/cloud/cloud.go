// Package cloud adapts AWS's services to what the worker needs of them.
package cloud

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const callTimeout = 10 * time.Second

// Cloud holds the clients, which share credentials and connections.
type Cloud struct {
	sqs     *sqs.Client
	s3      *s3.Client
	secrets *secretsmanager.Client
}

// New reads credentials (a workload identity), region and endpoint as every AWS program does.
func New(ctx context.Context, region, endpointURL string) (*Cloud, error) {
	var options []func(*config.LoadOptions) error
	if endpointURL != "" {
		options = append(options, config.WithWebIdentityRoleCredentialOptions(func(o *stscreds.WebIdentityRoleOptions) {
			// The SDK makes this client before it has read the endpoint, and would ask AWS itself.
			o.Client = sts.New(sts.Options{Region: region, BaseEndpoint: aws.String(endpointURL)})
		}))
	}
	settings, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	return &Cloud{
		sqs:     sqs.NewFromConfig(settings),
		secrets: secretsmanager.NewFromConfig(settings),
		s3: s3.NewFromConfig(settings, func(options *s3.Options) {
			// One host serves all buckets then; there is no DNS name per bucket.
			options.UsePathStyle = endpointURL != ""
		}),
	}, nil
}

// Secret returns a function that reads the secret's current version.
func (c *Cloud) Secret(arn string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		answer, err := c.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn)})
		if err != nil {
			return "", err
		}
		if answer.SecretString == nil {
			return "", errors.New("the secret holds no text")
		}
		return *answer.SecretString, nil
	}
}
