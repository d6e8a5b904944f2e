package rules

import (
	"errors"
	"slices"
)

var storeRows = rows("stores", []string{"image"}, func(r row) (string, error) {
	image := r.cell("image")
	if image == "" {
		return "", errors.New("want the name of an image")
	}
	return image, nil
})

// IsStore tells whether an image is one of a database, a queue or the like, by
// the last word of its name: what its container is given are the passwords that
// others sign in to it with.
func IsStore(image string) bool { return slices.Contains(storeRows().rows, image) }
