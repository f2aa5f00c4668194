#!/bin/sh
# The flow of the integration guide of 2020, version 1 of the API. Plain curl.
#
#   panic-console serve &
#   sh docs/guides/guide-2020.sh
#
# Against another place: PANIC_URL, PANIC_CLIENT_ID, PANIC_CLIENT_SECRET. Steps of the control room go to
# the simulator's control API; on AURA's staging a person does them with the Responder Simulator.
set -eu

url=${PANIC_URL:-http://127.0.0.1:3005}
id=${PANIC_CLIENT_ID:-demo-client}
secret=${PANIC_CLIENT_SECRET:-demo-secret}
email=${PANIC_EMAIL:-jane.doe@example.com}
mobile=${PANIC_MOBILE:-+27820000042}
api=$url/panic-api
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

# token_for BODY: a token that is not shown.
token_for() {
    reply=$(curl --silent --show-error --fail-with-body "$api/oauth/token" \
        --header 'Content-Type: application/json' --data "$1")
    token=$(first accessToken)
}

say 'The server token registers users. It stays on your server.'
token_for "{\"clientId\":\"$id\",\"clientSecret\":\"$secret\"}"

say 'Register the user. Any unique handle that looks like an e-mail address will do.'
call POST "$api/oauth/user" \
    "{\"email\":\"$email\",\"password\":\"correct horse battery\",\"mobileNumber\":\"$mobile\"}"

say "The user's own token raises and follows their panics."
token_for "{\"clientId\":\"$id\",\"email\":\"$email\",\"password\":\"correct horse battery\"}"

say 'Classifications change rarely: read them once, keep them.'
call GET "$api/callout-classifications"

say 'Raise a panic: the customer comes along in the body. TEST (2) until you go live.'
call POST "$api/callouts" "{
  \"calloutClassificationId\": 2,
  \"customer\": {
    \"name\": \"Jane\", \"surname\": \"Doe\", \"email\": \"$email\", \"mobile\": \"$mobile\",
    \"gender\": \"female\", \"vehicleMake\": \"Boxcart\", \"vehicleModel\": \"Cardboard\",
    \"vehicleColour\": \"White\", \"vehicleLicensePlate\": \"TEST 01 GP\"
  },
  \"calloutLocation\": {\"latitude\": -26.1091, \"longitude\": 28.083, \"accuracy\": 8},
  \"responseTypeId\": 1
}" >/dev/null
callout=$(first id)
echo "callout $callout: $(first status)"

say 'Send the location every 10 seconds, fixes better than 50 metres only.'
call POST "$api/callouts/$callout/location" '{"latitude": -26.1092, "longitude": 28.0831, "accuracy": 6}'

say 'Write to the control room. Note the singular in the path.'
call POST "$api/callout/$callout/comments" '{"message": "I am at the blue gate."}'

say 'The control room answers; poll every 10 to 20 seconds.'
for step in acknowledge own verify dispatch arrive; do
    call POST "$control/callouts/$callout/steps" "{\"step\": \"$step\"}" >/dev/null
    call GET "$api/callouts/$callout" >/dev/null
    echo "after $step: $(first status)"
done
call POST "$control/callouts/$callout/comments" '{"message": "The officer is at your gate."}' >/dev/null

say 'The route and the chat come only when they are asked for.'
call GET "$api/callouts/$callout?shouldIncludeRoute=true&shouldIncludeEvents=true" >/dev/null
printf '%s\n' "$reply" | grep -o '"body":"[^"]*"'
printf '%s\n' "$reply" | grep -o '"polyline":"[^"]*"'

say 'A soft cancel takes the panic off the display. Go on polling and sending locations: the customer'
say 'may have been forced, so the response goes on until the control room has spoken to them.'
call POST "$api/callouts/$callout/dismiss" '{}' >/dev/null
echo "dismissed: $(first status), cancelledByCustomer $(first cancelledByCustomer)"

for step in complete close; do
    call POST "$control/callouts/$callout/steps" "{\"step\": \"$step\"}" >/dev/null
    call GET "$api/callouts/$callout" >/dev/null
    echo "after $step: $(first status)"
done

say '285 ends it: the last state is in the body.'
curl --silent --output /dev/null --write-out '%{http_code}\n' "$api/callouts/$callout/location" \
    --header "Authorization: Bearer $token" --header 'Content-Type: application/json' \
    --data '{"latitude": -26.1092, "longitude": 28.0831}'

say 'Done.'
