/**
 * How much of the disk the state may take, and what happens beyond. Entry class: {@link
 * io.leasehold.server.quota.SpaceQuota}.
 */
@NullMarked
package io.leasehold.server.quota;

import org.jspecify.annotations.NullMarked;
