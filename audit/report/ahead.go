package report

import (
	"iter"
	"runtime"
)

// ahead yields f of each item of a list, or the error that ends it. It calls f
// ahead of need, side by side for a few at a time, so that a large report is
// written quickly and never stands in memory as a whole.
func ahead[S, T any](list iter.Seq2[S, error], f func(S) T) iter.Seq2[T, error] {
	type made struct {
		value T
		err   error
	}
	return func(yield func(T, error) bool) {
		next, stop := iter.Pull2(list)
		defer stop()
		slots := make([]chan made, runtime.GOMAXPROCS(0)+1)
		started := 0
		start := func() {
			item, err, ok := next()
			if !ok {
				return
			}
			slot := slots[started%len(slots)]
			started++
			if err != nil {
				slot <- made{err: err}
				return
			}
			go func() { slot <- made{value: f(item)} }()
		}
		for i := range slots {
			slots[i] = make(chan made, 1)
			start()
		}
		for i := 0; i < started; i++ {
			x := <-slots[i%len(slots)]
			start()
			if !yield(x.value, x.err) {
				return
			}
		}
	}
}
