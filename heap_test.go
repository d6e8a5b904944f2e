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
		runtime.GC()
		select {
		case live := <-seen:
			if live < uint64(len(keep)) || live > 1<<30 {
				t.Errorf("after collection %d: %d bytes live", i+1, live)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("nothing was said after collection %d", i+1)
		}
	}
	runtime.KeepAlive(keep)
}
