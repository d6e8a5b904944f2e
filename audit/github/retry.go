package github

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// maxRetries bounds how often a request is sent again after a failure.
const maxRetries = 3

// maxRetryAfter bounds how long a server in trouble may make us wait.
const maxRetryAfter = 30 * time.Second

// retried sends a request again where it failed by chance: 5xx, a broken
// connection, a truncated body. Only what asks is repeated: GET, HEAD and
// GraphQL queries.
func (c *Client) retried(request *http.Request) (*http.Response, error) {
	safe := request.Method == http.MethodGet || request.Method == http.MethodHead || callOf(request.Context()).again
	pause := backoff.NewExponentialBackOff()
	for try := 0; ; try++ {
		attempt, err := again(request)
		if err != nil {
			return nil, err
		}
		answer, err := c.send(attempt)
		if !safe || try == maxRetries || !isPassing(answer, err) {
			return answer, err
		}
		wait := max(pause.NextBackOff(), retryAfter(answer))
		c.count(func(u *Usage) { u.Retried++ })
		if err := c.sleep(request.Context(), wait); err != nil {
			return nil, err
		}
	}
}

// again is a request with its body from the beginning.
func again(request *http.Request) (*http.Request, error) {
	copied := request.Clone(request.Context())
	if request.Body == nil || request.GetBody == nil {
		return copied, nil
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	copied.Body = body
	return copied, nil
}

// isPassing tells whether a failure may pass by itself.
func isPassing(answer *http.Response, err error) bool {
	var truncated *TruncatedError
	var network *NetworkError
	switch {
	case errors.As(err, &truncated):
		return true
	case errors.As(err, &network):
		return !network.permanent
	case err != nil:
		return false
	}
	switch answer.StatusCode {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter is how long a server in trouble asks to wait, bounded.
func retryAfter(answer *http.Response) time.Duration {
	if answer == nil {
		return 0
	}
	seconds, err := strconv.ParseInt(answer.Header.Get("Retry-After"), 10, 64)
	if err != nil || seconds <= 0 || seconds > int64(maxRetryAfter/time.Second) {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// Sleep waits, or ends with the context's error.
func Sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
