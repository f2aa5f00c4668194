#!/bin/sh
# The People Protect quickstart, version 2 of the API, from the token to the rating. Plain curl.
#
#   panic-console serve &
#   sh docs/guides/quickstart.sh
#
# Against another place: PANIC_URL, PANIC_CLIENT_ID, PANIC_CLIENT_SECRET. Steps of the control room go to
# the simulator's control API; on AURA's staging a person does them with the Responder Simulator.
set -eu

url=${PANIC_URL:-http://127.0.0.1:3005}
id=${PANIC_CLIENT_ID:-demo-client}
secret=${PANIC_CLIENT_SECRET:-demo-secret}
mobile=${PANIC_MOBILE:-+27821234567}
api=$url/panic-api/v2
control=$url/control

# say TEXT: what comes next.
say() { printf '\n# %s\n' "$*"; }

# call METHOD URL [BODY]: prints the reply and keeps it in $reply. Stops on an error of the API.
call() {
    printf '%s %s\n' "$1" "${2#"$url"}"
    reply=$(curl --silent --show-error --fail-with-body --request "$1" "$2" \
        --header "Authorization: Bearer ${token:-}" \
        --header 'Content-Type: application/json' ${3:+--data "$3"}) || {
        printf '%s\n' "$reply" >&2
        exit 1
    }
    printf '%s\n' "$reply"
}

# first NAME: the first value of that name in $reply.
first() { printf '%s' "$reply" | grep -o "\"$1\":[^,}]*" | head -n 1 | cut -d: -f2- | tr -d '"'; }

say 'One token for the whole process. It is good for expiresIn seconds.'
reply=$(curl --silent --show-error --fail-with-body "$api/oauth/token" --header 'Content-Type: application/json' \
    --data "{\"clientId\":\"$id\",\"clientSecret\":\"$secret\"}")
token=$(first accessToken)
echo "expiresIn $(first expiresIn)"

say 'Register the customer with a subscription, once. Keep the customerId.'
call GET "$api/subscriptions/subscriptionTypes"
call POST "$api/customers" "{
  \"customer\": {\"name\": \"Jane\", \"surname\": \"Doe\", \"mobile\": \"$mobile\"},
  \"subscription\": {\"subscriptionTypeId\": 4}
}"
customer=$(first customerId)

say 'Raise a callout: TEST (2) until you go live. Keep its id and its url, the tracking link.'
call POST "$api/customers/$customer/callouts" '{
  "location": {"latitude": -26.1091, "longitude": 28.083, "accuracy": 8},
  "responseTypeId": 1,
  "calloutClassificationId": 2
}'
callout=$(first id)

say 'Poll every 10 to 20 seconds. Sending the location at the same time saves a request.'
call GET "$api/callouts/$callout"
call POST "$api/callouts/$callout/updateLocationAndReturnCallout" \
    '{"latitude": -26.1092, "longitude": 28.0831, "accuracy": 6}'

say 'Write to the control room, and read what it answers.'
call POST "$api/callouts/$callout/events" '{"source": "customer", "event": "I am at the blue gate."}'
call POST "$control/callouts/$callout/comments" '{"message": "We see you. Stay inside."}' >/dev/null
call GET "$api/callouts/$callout/events"

say 'The control room answers.'
for step in acknowledge own verify dispatch arrive complete; do
    call POST "$control/callouts/$callout/steps" "{\"step\": \"$step\"}" >/dev/null
    call GET "$api/callouts/$callout" >/dev/null
    echo "after $step: $(first status)"
done

say 'A location after the closure is refused with 285 and the last state: stop polling.'
call POST "$control/callouts/$callout/steps" '{"step": "close", "incidentDetails": "All well."}' >/dev/null
curl --silent --output /dev/null --write-out '%{http_code}\n' "$api/callouts/$callout/location" \
    --header "Authorization: Bearer $token" --header 'Content-Type: application/json' \
    --data '{"latitude": -26.1092, "longitude": 28.0831}'

say 'Afterwards: the report, the map and the rating.'
call GET "$api/callouts/$callout/resolutionReport"
call GET "$api/callouts/$callout/maps" >/dev/null
call POST "$api/ratings" "{\"calloutId\": $callout, \"rating\": 5, \"additionalDetails\": \"Quick and calm.\"}"

say 'Done.'
