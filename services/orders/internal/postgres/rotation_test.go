package postgres

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
)

// server speaks as much of PostgreSQL's protocol as a login and a ping need. It lets in who names the password.
type server struct {
	listener net.Listener

	mu       sync.Mutex
	password string
	logins   int
	refusals int
}

func newServer(t *testing.T, password string) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{listener: listener, password: password}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(connection)
		}
	}()
	return s
}

func (s *server) rotate(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.password = password
}

func (s *server) counts() (logins, refusals int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins, s.refusals
}

func (s *server) secret(password string) string {
	port := s.listener.Addr().(*net.TCPAddr).Port
	return fmt.Sprintf(`{"engine":"postgres","host":"127.0.0.1","port":%d,"dbname":"orders","username":"app",
		"password":%q,"sslmode":"disable"}`, port, password)
}

func (s *server) serve(connection net.Conn) {
	defer connection.Close()
	backend := pgproto3.NewBackend(connection, connection)
	if _, err := backend.ReceiveStartupMessage(); err != nil {
		return
	}
	backend.Send(&pgproto3.AuthenticationCleartextPassword{})
	if backend.Flush() != nil || backend.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
		return
	}
	message, err := backend.Receive()
	if err != nil {
		return
	}
	given, ok := message.(*pgproto3.PasswordMessage)
	s.mu.Lock()
	accepted := ok && given.Password == s.password
	if accepted {
		s.logins++
	} else {
		s.refusals++
	}
	s.mu.Unlock()
	if !accepted {
		backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "password authentication failed"})
		_ = backend.Flush()
		return
	}
	backend.Send(&pgproto3.AuthenticationOk{})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	for backend.Flush() == nil {
		message, err := backend.Receive()
		if err != nil {
			return
		}
		if _, asked := message.(*pgproto3.Query); asked {
			backend.Send(&pgproto3.EmptyQueryResponse{})
			backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		}
	}
}

// vault is Secrets Manager as the pool sees it.
type vault struct {
	mu    sync.Mutex
	text  string
	reads int
}

func (v *vault) read(context.Context) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reads++
	return v.text, nil
}

func (v *vault) put(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.text = text
}

func TestARefusedLoginIsTriedAgainWithTheRotatedSecret(t *testing.T) {
	db := newServer(t, "first")
	secrets := &vault{text: db.secret("first")}
	pool := NewPool(secrets.read, 4)
	defer pool.Close()
	if err := pool.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"second", "third"} {
		db.rotate(password)
		secrets.put(db.secret(password))
		// The connection at hand outlives the rotation; a new one has to log in anew.
		if err := pool.Ping(t.Context()); err != nil {
			t.Fatalf("a connection from before the rotation: %v", err)
		}
		pool.pool.Reset()
		if err := pool.Ping(t.Context()); err != nil {
			t.Fatalf("after the rotation to %s: %v", password, err)
		}
	}
	if logins, refusals := db.counts(); logins != 3 || refusals != 2 {
		t.Errorf("%d logins, %d refusals", logins, refusals)
	}
}

func TestNoWorkerFailsWhenAllAreRefusedAtOnce(t *testing.T) {
	const workers = 8
	db := newServer(t, "first")
	secrets := &vault{text: db.secret("first")}
	pool := NewPool(secrets.read, workers)
	defer pool.Close()
	if err := pool.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.rotate("second")
	secrets.put(db.secret("second"))
	pool.pool.Reset()
	var group, ready sync.WaitGroup
	ready.Add(workers)
	failures := make(chan error, workers)
	for range workers {
		group.Go(func() {
			// Each holds its connection until all have one, so that all of them log in.
			err := pool.with(t.Context(), func(*pgxpool.Conn) error {
				ready.Done()
				ready.Wait()
				return nil
			})
			if err != nil {
				ready.Done()
			}
			failures <- err
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAWrongSecretIsAnErrorAndNoEndlessLoop(t *testing.T) {
	db := newServer(t, "right")
	secrets := &vault{text: db.secret("wrong")}
	pool := NewPool(secrets.read, 1)
	defer pool.Close()
	if err := pool.Ping(t.Context()); !refused(err) {
		t.Errorf("got %v", err)
	}
	if _, refusals := db.counts(); refusals != 2 || secrets.reads != 2 {
		t.Errorf("%d refusals, %d reads of the secret", refusals, secrets.reads)
	}
	// The first rotation makes the login valid; the next attempt finds it.
	secrets.put(db.secret("right"))
	if err := pool.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
