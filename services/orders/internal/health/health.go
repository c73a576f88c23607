// Package health answers the probes of the platform: /healthz (alive) and /readyz (ready).
package health

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// State is what the probes see; safe for concurrent use.
type State struct {
	staleAfter time.Duration
	ready      atomic.Bool
	lastBeat   atomic.Int64
}

// New returns a State that is alive, as long as Beat is called at least every staleAfter, and not ready.
func New(staleAfter time.Duration) *State {
	state := &State{staleAfter: staleAfter}
	state.Beat()
	return state
}

// Beat says that the main loop is turning.
func (s *State) Beat() { s.lastBeat.Store(time.Now().UnixNano()) }

// SetReady says whether the service can do its work.
func (s *State) SetReady(ready bool) { s.ready.Store(ready) }

func (s *State) alive() bool {
	return time.Since(time.Unix(0, s.lastBeat.Load())) < s.staleAfter
}

// Handler serves the two paths: 200 or 503.
func (s *State) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.alive()) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, s.ready.Load() && s.alive())
	})
	return mux
}

// Serve answers on the port until the returned server is closed.
func Serve(port int, state *State, log *slog.Logger) (io.Closer, error) {
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(port))
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: state.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			log.Error("health server ended", "error", err.Error())
		}
	}()
	return server, nil
}

func answer(w http.ResponseWriter, good bool) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "no\n")
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}
