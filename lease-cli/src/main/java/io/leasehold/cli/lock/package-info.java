/** Commands that run under a lock, and end with it. Knows no flags. */
@NullMarked
package io.leasehold.cli.lock;

import org.jspecify.annotations.NullMarked;
