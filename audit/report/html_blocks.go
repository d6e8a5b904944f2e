package report

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
)

// kind is a kind of record in the blocks of the page.
type kind string

// The kinds of record.
const (
	kindRef    kind = "references"
	kindNote   kind = "notes"
	kindRepo   kind = "repositories"
	kindSecret kind = "secrets"
)

// blockBytes is about how much JSON a block packs. A browser unpacks so much
// within a few milliseconds, and it is enough to pack well.
const blockBytes = 1 << 18

// blocks writes records in blocks of deflated JSON.
type blocks struct {
	out io.Writer
	// starts has, for each kind, the number of the first record in each block.
	starts map[kind][]int32
	counts map[kind]int32
	buffer bytes.Buffer
	packed bytes.Buffer
	packer *flate.Writer
	// separator stands before the next record.
	separator string
	n         int
	err       error
}

func newBlocks(out io.Writer) *blocks {
	b := &blocks{out: out, starts: map[kind][]int32{}, counts: map[kind]int32{}}
	b.packer, b.err = flate.NewWriter(&b.packed, flate.DefaultCompression)
	for _, k := range []kind{kindRef, kindNote, kindRepo, kindSecret} {
		b.starts[k] = []int32{}
	}
	return b
}

// add takes a record.
func (b *blocks) add(k kind, record any) {
	if b.err != nil {
		return
	}
	if b.buffer.Len() == 0 {
		for k := range b.starts {
			b.starts[k] = append(b.starts[k], b.counts[k])
		}
		b.buffer.WriteString("[")
		b.separator = ""
	}
	text, err := json.Marshal(record)
	if err != nil {
		b.err = err
		return
	}
	b.buffer.WriteString(b.separator + `["` + string(k) + `",`)
	b.buffer.Write(text)
	b.buffer.WriteString("]")
	b.separator = ","
	b.counts[k]++
	if b.buffer.Len() >= blockBytes {
		b.flush()
	}
}

// flush packs what was taken.
func (b *blocks) flush() {
	b.buffer.WriteString("]")
	b.packed.Reset()
	b.packer.Reset(&b.packed)
	_, err := b.packer.Write(b.buffer.Bytes())
	if err == nil {
		err = b.packer.Close()
	}
	if err == nil {
		_, err = fmt.Fprintf(b.out, "<script type=\"text/plain\" id=\"block-%d\">%s</script>\n",
			b.n, base64.StdEncoding.EncodeToString(b.packed.Bytes()))
	}
	b.err = err
	b.n++
	b.buffer.Reset()
}

// close writes the last block.
func (b *blocks) close() error {
	if b.err == nil && b.buffer.Len() > 0 {
		b.flush()
	}
	return b.err
}
