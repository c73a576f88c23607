package trace

import "testing"

func TestAValidParentPassesAndAnythingElseIsReplaced(t *testing.T) {
	const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	if OrNew(good) != good {
		t.Error("a valid parent was replaced")
	}
	for _, bad := range []string{
		"", "00", good + "0", "ff" + good[2:], "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	} {
		first, second := OrNew(bad), OrNew(bad)
		if string(first) == bad || OrNew(string(first)) != first || first.TraceID() == second.TraceID() {
			t.Errorf("%q became %q and %q", bad, first, second)
		}
	}
}
