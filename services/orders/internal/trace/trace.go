// Package trace reads and makes W3C trace contexts, the values of a `traceparent` header.
package trace

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"strings"
)

var pattern = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// Parent is a valid traceparent, for example "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".
type Parent string

// OrNew returns value when it is a valid traceparent and a new one otherwise. A valid one is passed on as it
// came: this service records no spans of its own, and a parent nobody recorded would break the trace.
func OrNew(value string) Parent {
	if pattern.MatchString(value) && !strings.HasPrefix(value, "ff") &&
		value[3:35] != strings.Repeat("0", 32) && value[36:52] != strings.Repeat("0", 16) {
		return Parent(value)
	}
	var id [24]byte
	rand.Read(id[:]) // never fails: it ends the process rather than return an error
	return Parent("00-" + hex.EncodeToString(id[:16]) + "-" + hex.EncodeToString(id[16:]) + "-01")
}

// TraceID returns the 32 hex digits that all spans of the trace share.
func (p Parent) TraceID() string {
	return string(p)[3:35]
}
