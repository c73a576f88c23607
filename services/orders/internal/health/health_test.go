package health

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestAliveAsLongAsItBeatsAndReadyWhenItSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := New(time.Minute)
		check := func(path string, want int) {
			t.Helper()
			answer := httptest.NewRecorder()
			state.Handler().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
			if answer.Code != want {
				t.Errorf("%s is %d, not %d", path, answer.Code, want)
			}
		}
		check("/healthz", 200)
		check("/readyz", 503)
		state.SetReady(true)
		check("/readyz", 200)
		time.Sleep(2 * time.Minute)
		check("/healthz", 503)
		check("/readyz", 503)
		state.Beat()
		check("/readyz", 200)
	})
}
