package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// tuneCollector lets memory grow to a floor, in bytes, between collections
// however little of it lives. A percentage of what lives cannot do that: it
// collects too often at the start or takes too much later. Where more lives
// than half of the floor, the limit grows with it, for a collector that cannot
// come below its limit would run all the time; and by more where much lives, for
// each collection looks through all of that. It never shrinks again: what was freed
// counts until the system has it back, and would have the collector run all that
// time.
func tuneCollector(floor int64) {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(floor)
	afterCollection(func(live uint64) {
		floor = max(floor, 2*int64(live)+max(0, int64(live)-muchLive))
		debug.SetMemoryLimit(floor)
	})
}

// muchLive is how much may live, in bytes, before time counts for more than memory.
const muchLive = 60 << 20

// afterCollection calls f after every collection with the bytes that live.
func afterCollection(f func(live uint64)) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var wait func(int)
	wait = func(int) {
		if metrics.Read(samples); samples[0].Value.Kind() == metrics.KindUint64 {
			f(samples[0].Value.Uint64())
		}
		// What nothing holds is cleaned up by the next collection. It has to
		// hold a pointer, or it would share its place with others that live.
		runtime.AddCleanup(new(*byte), wait, 0)
	}
	wait(0)
}
