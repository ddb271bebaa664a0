/** What several services tell their clients in the same words. Stateless; any thread. */
@NullMarked
package io.leasehold.server.message;

import org.jspecify.annotations.NullMarked;
