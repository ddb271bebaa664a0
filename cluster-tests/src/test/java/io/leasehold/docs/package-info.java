/** What the documents say about the code, checked against the code. */
@NullMarked
package io.leasehold.docs;

import org.jspecify.annotations.NullMarked;
