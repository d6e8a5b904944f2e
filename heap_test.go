package main

import (
	"runtime"
	"testing"
	"time"
)

func TestAfterCollection(t *testing.T) {
	keep := make([]byte, 8<<20)
	seen := make(chan uint64, 16)
	afterCollection(func(live uint64) {
		select {
		case seen <- live:
		default:
		}
	})
	<-seen
	for i := range 3 {
		// The answer to one collection may come after the next one began.
		deadline := time.After(10 * time.Second)
		for said := false; !said; {
			runtime.GC()
			select {
			case live := <-seen:
				said = true
				if live < uint64(len(keep)) || live > 1<<30 {
					t.Errorf("after collection %d: %d bytes live", i+1, live)
				}
			case <-deadline:
				t.Fatalf("nothing was said after collection %d", i+1)
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	runtime.KeepAlive(keep)
}
