#!/bin/sh
# A panic button from its link to its last message, in plain curl.
#
# First, in another terminal:   panic-console serve
# Then:                         sh docs/guides/iot.sh
#
# Another server: PANIC_URL, PANIC_CLIENT_ID and PANIC_CLIENT_SECRET say which. A press raises a REAL callout: a
# device knows no test. Never point this at a server that sends responders.
set -eu

BASE_URL=${PANIC_URL:-http://127.0.0.1:3005}
CLIENT_ID=${PANIC_CLIENT_ID:-demo-client}
CLIENT_SECRET=${PANIC_CLIENT_SECRET:-demo-secret}
# One number is one customer, so each run takes another; one serial is one device.
MOBILE=${PANIC_MOBILE:-+2700$(date +%s | tail -c 8)}
SERIAL=${PANIC_SERIAL:-SN-0001-A1B2C3D4}

API=$BASE_URL/panic-api/v2

step() { printf '\n== %s\n' "$1"; }
show() { printf '%s\n' "$1"; }
fail() { printf '\niot.sh: failed: %s\n' "$1" >&2; exit 1; }

# The first value of a key in a reply, without a JSON parser: field '{"id":7}' id gives 7.
field() {
    value=$(printf '%s' "$1" | grep -o "\"$2\" *: *[^,}]*" | head -n 1 | sed 's/^[^:]*: *//; s/"//g')
    [ -n "$value" ] || fail "the reply has no $2: $1"
    printf '%s' "$value"
}

# What a device sends, and what the server made of it.
device_event() {
    curl --silent --show-error --fail-with-body "$API/deviceEvent" \
        --header "Authorization: Bearer $TOKEN" \
        --header 'Content-Type: application/json' \
        --data "$1"
}

step 'A token: once, then kept until it expires'
reply=$(curl --silent --show-error --fail-with-body "$API/oauth/token" \
    --header 'Content-Type: application/json' \
    --data "{ \"clientId\": \"$CLIENT_ID\", \"clientSecret\": \"$CLIENT_SECRET\" }") || fail "$reply"
TOKEN=$(field "$reply" accessToken)
show "a token for $(field "$reply" expiresIn) seconds"

step 'A customer with a subscription: without one a press is refused with 403'
reply=$(curl --silent --show-error --fail-with-body "$API/customers" \
    --header "Authorization: Bearer $TOKEN" \
    --header 'Content-Type: application/json' \
    --data "{
        \"customer\": { \"name\": \"Jane\", \"surname\": \"Doe\", \"mobile\": \"$MOBILE\" },
        \"subscription\": { \"subscriptionTypeId\": 4 }
    }") || fail "$reply"
CUSTOMER=$(field "$reply" customerId)
show "customer $CUSTOMER"

step 'Link the device: its deviceId comes out of the serial, and is what its messages say'
reply=$(curl --silent --show-error --fail-with-body "$API/devices" \
    --header "Authorization: Bearer $TOKEN" \
    --header 'Content-Type: application/json' \
    --data "{
        \"customerId\": $CUSTOMER,
        \"deviceSerial\": \"$SERIAL\",
        \"deviceSupplier\": \"ExampleDevices\",
        \"deviceAlias\": \"Front desk button\"
    }") || fail "$reply"
show "$reply"
DEVICE=$(field "$reply" deviceId)
TYPE=$(field "$reply" deviceTypeId)

step 'message_type 1: the button is pressed, and there is a callout'
reply=$(device_event "{
    \"device_type_id\": $TYPE, \"device_id\": \"$DEVICE\", \"message_type\": 1,
    \"location\": { \"latitude\": -26.10911, \"longitude\": 28.053037, \"sequenceNumber\": \"46\" }
}") || fail "$reply"
show "$reply"
CALLOUT=$(field "$reply" calloutId)

step 'Pressed again: the same callout'
reply=$(device_event "{
    \"device_type_id\": $TYPE, \"device_id\": \"$DEVICE\", \"message_type\": 1,
    \"location\": { \"latitude\": -26.10911, \"longitude\": 28.053037, \"sequenceNumber\": \"47\" }
}") || fail "$reply"
[ "$(field "$reply" calloutId)" = "$CALLOUT" ] || fail "a second callout: $reply"
show "callout $CALLOUT"

step 'Read the callout, as any other'
reply=$(curl --silent --show-error --fail-with-body "$API/callouts/$CALLOUT" \
    --header "Authorization: Bearer $TOKEN") || fail "$reply"
show "status $(field "$reply" status)"

step 'message_type 2: the device has moved, and the callout with it'
reply=$(device_event "{
    \"device_type_id\": $TYPE, \"device_id\": \"$DEVICE\", \"message_type\": 2,
    \"body\": { \"latitude\": -26.2025, \"longitude\": 28.0468, \"sequenceNumber\": \"48\" }
}") || fail "$reply"
show "$reply"

step 'message_type 4: how full the battery is'
reply=$(device_event "{
    \"device_type_id\": $TYPE, \"device_id\": \"$DEVICE\", \"message_type\": 4,
    \"body\": { \"batteryLevel\": 72 }
}") || fail "$reply"
show "$reply"

step 'message_type 3: a false alarm, and the callout is cancelled'
reply=$(device_event "{
    \"device_type_id\": $TYPE, \"device_id\": \"$DEVICE\", \"message_type\": 3,
    \"body\": { \"sequenceNumber\": \"49\" }
}") || fail "$reply"
show "$reply"

step 'Read it again: nobody was on the way, so it is closed'
reply=$(curl --silent --show-error --fail-with-body "$API/callouts/$CALLOUT" \
    --header "Authorization: Bearer $TOKEN") || fail "$reply"
show "status $(field "$reply" status)"

step 'Unlink the device'
reply=$(curl --silent --show-error --fail-with-body --request DELETE "$API/devices/$DEVICE" \
    --header "Authorization: Bearer $TOKEN") || fail "$reply"
show "$reply"

step 'Done'
